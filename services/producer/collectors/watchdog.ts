/**
 * /sys/class/watchdog/watchdogN: timers that reset the machine unless something shows them in time that it is alive. A value in
 * each file; which there are depends on the driver and on CONFIG_WATCHDOG_SYSFS. All of it but the time left is read once a minute.
 * https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-watchdog
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal } from '../kernel/text.ts';

const CLASS = 'sys/class/watchdog';

const NUMBERS = [
  ['bootstatus', 'node_watchdog_bootstatus'],
  ['fw_version', 'node_watchdog_fw_version'],
  ['nowayout', 'node_watchdog_nowayout'],
  ['timeout', 'node_watchdog_timeout_seconds'],
  ['pretimeout', 'node_watchdog_pretimeout_seconds'],
  ['access_cs0', 'node_watchdog_access_cs0'],
] as const;

export function watchdog(now: () => number): Collector {
  const timers = remembered(now, A_MINUTE_MS, (host) =>
    host
      .list(CLASS)
      .filter((name) => /^watchdog\d+$/.test(name))
      .map((name) => lookAt(host, name)),
  );
  return {
    name: 'watchdog',
    collect(host, emit) {
      for (const { name, numbers, info, counts } of timers(host)) {
        for (const { metric, value } of numbers) emit(metric, value, { name });
        if (counts) emit('node_watchdog_timeleft_seconds', number(host, name, 'timeleft'), { name });
        emit('node_watchdog_info', 1, info);
      }
    },
  };
}

function lookAt(host: Host, name: string) {
  const text = (file: string) => host.peek(`${CLASS}/${name}/${file}`) ?? '';
  return {
    name,
    numbers: NUMBERS.map(([file, metric]) => ({ metric, value: number(host, name, file) })),
    info: {
      name,
      options: text('options'),
      identity: text('identity'),
      state: text('state'),
      status: text('status'),
      pretimeout_governor: text('pretimeout_governor'),
    },
    counts: host.peek(`${CLASS}/${name}/timeleft`) !== undefined,
  };
}

function number(host: Host, name: string, file: string): number | undefined {
  const text = host.peek(`${CLASS}/${name}/${file}`);
  return text === undefined ? undefined : decimal(text);
}
