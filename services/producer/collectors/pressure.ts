/**
 * /proc/pressure: how long tasks waited for a resource. `some` is the time in which at least one did, `full` that in which
 * all did; a CPU is never all waited for, and only all tasks at once wait for interrupts.
 *
 *   some avg10=0.16 avg60=0.55 avg300=0.55 total=12893161
 *
 * The total is in microseconds. Absent where the kernel is older than 4.20 or has it switched off.
 * https://www.kernel.org/doc/html/latest/accounting/psi.html
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, words } from '../kernel/text.ts';

const MICROSECONDS_PER_SECOND = 1e6;

const SERIES = [
  ['cpu', 'some', 'node_pressure_cpu_waiting_seconds_total'],
  ['memory', 'some', 'node_pressure_memory_waiting_seconds_total'],
  ['memory', 'full', 'node_pressure_memory_stalled_seconds_total'],
  ['io', 'some', 'node_pressure_io_waiting_seconds_total'],
  ['io', 'full', 'node_pressure_io_stalled_seconds_total'],
  ['irq', 'full', 'node_pressure_irq_stalled_seconds_total'],
] as const;

/** Seconds by the first word of their line. */
export type Pressure = ReadonlyMap<string, number>;

export function pressure(): Collector {
  return {
    name: 'pressure',
    collect(host, emit) {
      const read = new Map<string, Pressure | undefined>();
      for (const [resource, share, name] of SERIES) {
        if (!read.has(resource)) {
          const text = host.read(`proc/pressure/${resource}`);
          read.set(resource, text === undefined ? undefined : parsePressure(text));
        }
        const found = read.get(resource);
        if (found !== undefined) emit(name, found.get(share) ?? Number.NaN);
      }
    },
  };
}

export function parsePressure(text: string): Pressure {
  return new Map(
    lines('/proc/pressure', text).map((line) => {
      const [share = '', ...fields] = words(line);
      const total = fields.find((field) => field.startsWith('total='))?.slice('total='.length);
      return [share, decimal(total) / MICROSECONDS_PER_SECOND];
    }),
  );
}
