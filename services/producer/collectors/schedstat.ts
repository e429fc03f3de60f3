/**
 * /proc/schedstat: how the scheduler did. A version, a timestamp, and for each CPU nine numbers, of which the last three are the
 * nanoseconds that tasks ran, the nanoseconds that runnable tasks waited, and the time slices given:
 *
 *   cpu0 0 0 0 0 0 0 2045936778163039 343796328169361 4767485306
 *
 * Lines of scheduling domains follow each CPU. Absent in kernels built without CONFIG_SCHEDSTATS.
 * https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, words } from '../kernel/text.ts';

const NANOSECONDS_PER_SECOND = 1e9;
/** Columns after the CPU's name. */
const [RUNNING, WAITING, TIMESLICES] = [6, 7, 8] as const;

export interface CpuSchedule {
  readonly cpu: string;
  readonly runningSeconds: number;
  readonly waitingSeconds: number;
  readonly timeslices: number;
}

export function schedstat(): Collector {
  return {
    name: 'schedstat',
    collect(host, emit) {
      const text = host.read('proc/schedstat');
      if (text === undefined) return;
      for (const { cpu, runningSeconds, waitingSeconds, timeslices } of parseSchedstat(text)) {
        emit('node_schedstat_running_seconds_total', runningSeconds, { cpu });
        emit('node_schedstat_waiting_seconds_total', waitingSeconds, { cpu });
        emit('node_schedstat_timeslices_total', timeslices, { cpu });
      }
    },
  };
}

export function parseSchedstat(text: string): CpuSchedule[] {
  return lines('/proc/schedstat', text).flatMap((line) => {
    const [, cpu, rest] = /^cpu(\d+) (.*)$/.exec(line) ?? [];
    if (cpu === undefined || rest === undefined) return [];
    const columns = words(rest);
    return {
      cpu,
      runningSeconds: decimal(columns[RUNNING]) / NANOSECONDS_PER_SECOND,
      waitingSeconds: decimal(columns[WAITING]) / NANOSECONDS_PER_SECOND,
      timeslices: decimal(columns[TIMESLICES]),
    };
  });
}
