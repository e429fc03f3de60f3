/**
 * /sys/class/powercap: energy that parts of the processor have used, in millionths of a joule. Zones are named `package-0`,
 * `core`, `dram`; a name that occurs again, and one with a number, has an index. Only root may read the counters since Linux
 * 5.10, because their differences betray what others calculate.
 * https://www.kernel.org/doc/html/latest/power/powercap/powercap.html
 */

import type { Collector } from '../collector.ts';
import { divided, numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const CLASS = 'sys/class/powercap';
const MICROJOULES = 1e6;

interface Zone {
  readonly name: string;
  readonly index: number;
  readonly path: string;
}

export function rapl(now: () => number): Collector {
  const zones = remembered(now, A_MINUTE_MS, findZones);
  return {
    name: 'rapl',
    collect(host, emit) {
      for (const { name, index, path } of zones(host)) {
        const joules = divided(numberIn(host, `${path}/energy_uj`), MICROJOULES);
        emit(`node_rapl_${name}_joules_total`, joules, { index: String(index), path: `/${path}` });
      }
    },
  };
}

function findZones(host: Host): Zone[] {
  const next = new Map<string, number>();
  return host.list(CLASS).flatMap((entry) => {
    const path = `${CLASS}/${entry}`;
    const text = textIn(host, `${path}/name`);
    if (!text || textIn(host, `${path}/energy_uj`) === undefined) return [];
    const [, numbered, number] = /^([^-]*)-(\d+)$/.exec(text) ?? [];
    const name = numbered ?? text;
    const index = number === undefined ? (next.get(name) ?? 0) : Number(number);
    next.set(name, index + 1);
    return [{ name: name.replace(/_*[^0-9A-Za-z_]+_*/g, '_'), index, path }];
  });
}
