/**
 * /sys/devices/system/cpu/cpuN/cpufreq: how fast each CPU runs, may run and could run, in kHz; and which governor decides it.
 *
 *   scaling_available_governors   performance powersave
 *   scaling_governor              powersave
 *
 * What the hardware says of now (cpuinfo_cur_freq) is for root alone, and cpuinfo_avg_freq is there from Linux 6.16 on. The
 * limits and the governor are read once a minute, as is which files there are; only what moves is read each time.
 * https://www.kernel.org/doc/html/latest/admin-guide/pm/cpufreq.html#policy-interface-in-sysfs
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal, words } from '../kernel/text.ts';
import { listCpus } from './cpu-devices.ts';

const HERTZ_PER_KHZ = 1000;

const MOVING = [
  ['cpuinfo_cur_freq', 'node_cpu_frequency_hertz'],
  ['cpuinfo_avg_freq', 'node_cpu_frequency_avg_hertz'],
  ['scaling_cur_freq', 'node_cpu_scaling_frequency_hertz'],
] as const;
const LIMITS = [
  ['cpuinfo_min_freq', 'node_cpu_frequency_min_hertz'],
  ['cpuinfo_max_freq', 'node_cpu_frequency_max_hertz'],
  ['scaling_min_freq', 'node_cpu_scaling_frequency_min_hertz'],
  ['scaling_max_freq', 'node_cpu_scaling_frequency_max_hertz'],
] as const;

export function cpufreq(now: () => number): Collector {
  const policies = remembered(now, A_MINUTE_MS, (host) => listCpus(host).flatMap((cpu) => lookAt(host, cpu) ?? []));
  return {
    name: 'cpufreq',
    collect(host, emit) {
      for (const { cpu, moving, limits, governor, governors } of policies(host)) {
        for (const { name, path } of moving) emit(name, hertz(host, path), { cpu });
        for (const { name, value } of limits) emit(name, value, { cpu });
        for (const one of governors)
          emit('node_cpu_scaling_governor', one === governor ? 1 : 0, { cpu, governor: one });
      }
    },
  };
}

/** What a CPU's directory has, or `undefined` if the CPU has none: it is out, or its frequency is not the kernel's affair. */
function lookAt(host: Host, cpu: string) {
  const directory = `sys/devices/system/cpu/cpu${cpu}/cpufreq`;
  const governor = host.peek(`${directory}/scaling_governor`);
  const moving = MOVING.map(([file, name]) => ({ name, path: `${directory}/${file}` }));
  const limits = LIMITS.map(([file, name]) => ({ name, value: hertz(host, `${directory}/${file}`) }));
  if (governor === undefined && limits.every(({ value }) => value === undefined)) return undefined;
  return {
    cpu,
    moving: moving.filter(({ path }) => host.peek(path) !== undefined),
    limits,
    governor,
    // Without the governor that rules, there is no saying of the others that they do not.
    governors: governor ? words(host.peek(`${directory}/scaling_available_governors`) ?? '') : [],
  };
}

function hertz(host: Host, path: string): number | undefined {
  const text = host.peek(path);
  return text === undefined ? undefined : decimal(text) * HERTZ_PER_KHZ;
}
