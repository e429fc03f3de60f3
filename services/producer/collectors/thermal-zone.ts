/**
 * /sys/class/thermal: temperatures that the kernel acts upon, in thousandths of a degree, and the devices it cools with, from
 * state 0 (idle) to their highest. The state is -1 for one that does not say.
 *
 *   thermal_zone0/{type,temp}   cooling_device0/{type,cur_state,max_state}
 *
 * https://www.kernel.org/doc/html/latest/driver-api/thermal/sysfs-api.html
 */

import type { Collector } from '../collector.ts';
import { divided, numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const CLASS = 'sys/class/thermal';
const MILLIDEGREES = 1000;

export function thermalZone(now: () => number): Collector {
  const zones = remembered(now, A_MINUTE_MS, (host) => find(host, 'thermal_zone'));
  const coolers = remembered(now, A_MINUTE_MS, (host) =>
    find(host, 'cooling_device').map((cooler) => ({ ...cooler, max: numberIn(host, `${cooler.path}/max_state`) })),
  );
  return {
    name: 'thermal_zone',
    collect(host, emit) {
      for (const { path, name, type } of zones(host)) {
        emit('node_thermal_zone_temp', divided(numberIn(host, `${path}/temp`), MILLIDEGREES), { zone: name, type });
      }
      for (const { path, name, type, max } of coolers(host)) {
        emit('node_cooling_device_cur_state', numberIn(host, `${path}/cur_state`), { name, type });
        emit('node_cooling_device_max_state', max, { name, type });
      }
    },
  };
}

/** Those of a kind that say what they are; their name is the number. */
function find(host: Host, kind: string): { path: string; name: string; type: string }[] {
  return host.list(CLASS).flatMap((entry) => {
    const name = entry.startsWith(kind) ? entry.slice(kind.length) : '';
    const path = `${CLASS}/${entry}`;
    const type = /^\d+$/.test(name) ? textIn(host, `${path}/type`) : undefined;
    return type === undefined ? [] : [{ path, name, type }];
  });
}
