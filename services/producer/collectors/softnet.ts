/**
 * /proc/net/softnet_stat: how each CPU got on with the packets that waited for it. A line for each CPU that is online, without
 * headings, in hexadecimal: 11 columns since Linux 4.18, 13 since 5.10, which says whose line it is.
 *
 *   processed dropped squeezed 0 0 0 0 0 collisions received_rps flow_limit backlog cpu …
 *
 * It belongs to no network namespace, so where /proc/1 may not be read, the reader's own tells the same.
 * https://www.kernel.org/doc/html/latest/networking/scaling.html
 */
import type { Collector } from '../collector.ts';
import { readNet } from '../host/protocol-files.ts';
import { parseCpuList } from '../kernel/cpu-list.ts';
import { hexadecimal, lines, malformed, words } from '../kernel/text.ts';
import { each } from './each.ts';

const COLUMNS = [
  ['node_softnet_processed_total', 0],
  ['node_softnet_dropped_total', 1],
  ['node_softnet_times_squeezed_total', 2],
  ['node_softnet_cpu_collision_total', 8],
  ['node_softnet_received_rps_total', 9],
  ['node_softnet_flow_limit_count_total', 10],
  ['node_softnet_backlog_len', 11],
] as const;
const CPU_COLUMN = 12;
/** Those that every kernel has. */
const FIRST_COLUMNS = 9;

export interface SoftnetStat {
  /** `undefined` if it cannot be read. */
  readonly cpu: string | undefined;
  /** By place in `COLUMNS`; `undefined` where the kernel has none. */
  readonly counts: readonly (number | undefined)[];
}

export function softnet(): Collector {
  return {
    name: 'softnet',
    collect(host, emit) {
      const text = readNet(host, 'softnet_stat') ?? host.read('proc/net/softnet_stat');
      if (text === undefined) throw malformed('/proc/net/softnet_stat', 'a file that may be read', undefined);
      const rows = parseSoftnet(text, () => host.peek('sys/devices/system/cpu/online') ?? '');
      each(rows, ({ cpu, counts }) => {
        if (cpu === undefined) throw malformed('/proc/net/softnet_stat', 'the number of a CPU', text);
        for (const [i, [name]] of COLUMNS.entries()) emit(name, counts[i], { cpu });
      });
    },
  };
}

/** @param online the numbers of the CPUs that are, `0-2,4`, where the lines do not say it. */
export function parseSoftnet(text: string, online: () => string): SoftnetStat[] {
  const rows = lines('/proc/net/softnet_stat', text).map(words);
  const unnamed = rows.some((row) => row.length <= CPU_COLUMN)
    ? parseCpuList('/sys/devices/system/cpu/online', online())
    : [];
  if (unnamed.length > 0 && unnamed.length !== rows.length) {
    throw malformed('/proc/net/softnet_stat', `a line for each of ${unnamed.length} CPUs`, String(rows.length));
  }
  return rows.map((row, line) => {
    const cpu = row.length > CPU_COLUMN ? hexadecimal(row[CPU_COLUMN]) : (unnamed[line] ?? line);
    return {
      cpu: Number.isNaN(cpu) ? undefined : String(cpu),
      counts: COLUMNS.map(([, place]) =>
        place >= Math.max(row.length, FIRST_COLUMNS) ? undefined : hexadecimal(row[place]),
      ),
    };
  });
}
