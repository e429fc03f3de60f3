/** The collectors, one for each kernel file or family of files, in the order in which they run. */
import type { Collector } from '../collector.ts';
import { cpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { meminfo } from './meminfo.ts';
import { netdev } from './netdev.ts';
import { pressure } from './pressure.ts';
import { uname } from './uname.ts';

/** What no kernel file tells. */
export interface CollectorOptions {
  readonly nodename: string;
  /** The architecture, where the kernel is older than 6.1 and has no file for it. */
  readonly machine: string;
  /** The wall clock, milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Those that run unless they are taken out; new ones, with nothing remembered from earlier collections. */
export function standardCollectors(options: CollectorOptions): readonly Collector[] {
  return [cpu(), loadavg(), meminfo(), pressure(), diskstats(), filesystem(), netdev(), uname(options)];
}

/** Those that run only where they are asked for, since they have many series, or cost much. */
export function optionalCollectors(): readonly Collector[] {
  return [];
}
