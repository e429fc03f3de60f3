/**
 * The node's clock, and /sys/devices/system/clocksource/clocksourceN: the hardware that the kernel reads it from.
 *
 *   available_clocksource   tsc hpet acpi_pm
 *   current_clocksource     tsc
 *
 * The kernel changes it by itself when one turns out to be unreliable, and reading the time may then cost many times more.
 * https://www.kernel.org/doc/html/latest/timers/timekeeping.html
 */
import type { Collector } from '../collector.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { words } from '../kernel/text.ts';

const CLOCKSOURCES = 'sys/devices/system/clocksource';
const MS_PER_SECOND = 1000;

export function time(now: () => number): Collector {
  const devices = remembered(now, A_MINUTE_MS, (host) =>
    host
      .list(CLOCKSOURCES)
      .flatMap((name) => /^clocksource(\d+)$/.exec(name)?.[1] ?? [])
      .map((device) => ({
        device,
        available: words(host.peek(`${CLOCKSOURCES}/clocksource${device}/available_clocksource`) ?? ''),
      })),
  );
  return {
    name: 'time',
    collect(host, emit) {
      emit('node_time_seconds', now() / MS_PER_SECOND);
      for (const { device, available } of devices(host)) {
        for (const clocksource of available) {
          emit('node_time_clocksource_available_info', 1, { device, clocksource });
        }
        const clocksource = host.peek(`${CLOCKSOURCES}/clocksource${device}/current_clocksource`);
        if (clocksource) emit('node_time_clocksource_current_info', 1, { device, clocksource });
      }
    },
  };
}
