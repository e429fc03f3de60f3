/**
 * /sys/class/dmi/id: what the machine's firmware says that the machine is, a value in each file. Serial numbers are for root
 * alone. What there is not is an empty label, which to Prometheus is the same as no label; node_exporter leaves it out.
 * https://github.com/torvalds/linux/blob/master/drivers/firmware/dmi-id.c
 */
import { METRICS } from '#contract/metrics.ts';
import type { Collector } from '../collector.ts';
import { FIVE_MINUTES_MS, remembered } from '../host/remembered.ts';

const DIRECTORY = 'sys/class/dmi/id';

/** The files are called as the labels are, but for one. */
const LABELS = METRICS.node_dmi_info.labels;

type DmiInfo = Readonly<Record<(typeof LABELS)[number], string>>;

export function dmi(now: () => number): Collector {
  const info = remembered(now, FIVE_MINUTES_MS, (host): DmiInfo | undefined => {
    const files = host.list(DIRECTORY);
    const found = LABELS.map((label): [string, string] => {
      const file = label === 'system_vendor' ? 'sys_vendor' : label;
      return [label, (files.includes(file) ? host.peek(`${DIRECTORY}/${file}`) : undefined) ?? ''];
    });
    return found.some(([, value]) => value !== '') ? (Object.fromEntries(found) as DmiInfo) : undefined;
  });
  return {
    name: 'dmi',
    collect(host, emit) {
      const found = info(host);
      if (found !== undefined) emit('node_dmi_info', 1, found);
    },
  };
}
