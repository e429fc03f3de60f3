/**
 * What /proc/interrupts and /proc/softirqs have in common: a head that names the CPUs that run, and lines of a name, a count for each of
 * them, and perhaps words about the source.
 *
 *              CPU0       CPU2
 *    24:          1          0  IO-APIC   5-edge      ACPI:Ged
 *   TLB:     187743     187594   TLB shootdowns
 *   ERR:          0
 */
import { decimal, lines, malformed, words } from '../kernel/text.ts';

export interface PerCpuLine {
  readonly name: string;
  /** In the order of the head's CPUs. All NaN if one of them is missing or cannot be read: who knows which is whose. */
  readonly counts: readonly number[];
  readonly about: readonly string[];
}

export interface PerCpuTable {
  /** Their numbers. One that is out has no column. */
  readonly cpus: readonly string[];
  readonly lines: readonly PerCpuLine[];
}

export function parsePerCpuTable(file: string, text: string): PerCpuTable {
  const [head = '', ...rest] = lines(file, text);
  const cpus = words(head).map((name) => {
    const cpu = /^CPU(\d+)$/.exec(name)?.[1];
    if (cpu === undefined) throw malformed(file, 'a head of CPUs', head);
    return cpu;
  });
  if (cpus.length === 0) throw malformed(file, 'a head of CPUs', head);
  return {
    cpus,
    lines: rest.map((line): PerCpuLine => {
      const colon = line.indexOf(':');
      if (colon === -1) return { name: '', counts: cpus.map(() => Number.NaN), about: words(line) };
      const columns = words(line.slice(colon + 1));
      const counts = columns.slice(0, cpus.length).map(decimal);
      const readable = counts.length === cpus.length && !counts.some(Number.isNaN);
      return {
        name: line.slice(0, colon).trim(),
        counts: readable ? counts : cpus.map(() => Number.NaN),
        about: columns.slice(cpus.length),
      };
    }),
  };
}
