/**
 * /sys/class/net: interfaces bonded to one. `bonding_masters` names those that others are bonded to, `MASTER/bonding/slaves` the
 * others, `SLAVE/bonding_slave/mii_status` is `up` where the link works. Absent without the bonding driver.
 * https://www.kernel.org/doc/html/latest/networking/bonding.html
 */
import type { Collector } from '../collector.ts';
import { malformed, words } from '../kernel/text.ts';
import { each } from './each.ts';

export function bonding(): Collector {
  return {
    name: 'bonding',
    collect(host, emit) {
      each(words(host.peek('sys/class/net/bonding_masters') ?? ''), (master) => {
        const slaves = host.peek(`sys/class/net/${master}/bonding/slaves`);
        // It was taken away between the two readings.
        if (slaves === undefined) return;
        const states = words(slaves).map((slave) => host.peek(`sys/class/net/${slave}/bonding_slave/mii_status`));
        emit('node_bonding_slaves', states.length, { master });
        if (states.includes(undefined)) {
          throw malformed(`/sys/class/net/${master}`, 'the status of each slave', slaves);
        }
        emit('node_bonding_active', states.filter((state) => state === 'up').length, { master });
      });
    },
  };
}
