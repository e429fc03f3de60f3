/**
 * /sys/devices/system/cpu: how often heat made a CPU slower, which CPUs run, and which the scheduler leaves alone.
 *
 *   online isolated                           lists of CPUs
 *   cpuN/online                               there if CPU N can be taken out
 *   cpuN/topology/{physical_package_id,core_id}
 *   cpuN/thermal_throttle/{core,package}_throttle_count
 *
 * CPUs of one core, and cores of one package, have the count in common, so one of them is read.
 * https://www.kernel.org/doc/html/latest/admin-guide/cputopology.html
 * https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-devices-system-cpu
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { parseCpuList } from '../kernel/cpu-list.ts';
import { decimal } from '../kernel/text.ts';

const CPUS = 'sys/devices/system/cpu';

/** The numbers of the CPUs that have a directory, in order, whether they run or not. */
export function listCpus(host: Host): string[] {
  return host
    .list(CPUS)
    .flatMap((name) => /^cpu(\d+)$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
}

export function cpuDevices(now: () => number): Collector['collect'] {
  const layout = remembered(now, A_MINUTE_MS, lookAround);
  return (host, emit) => {
    const { cores, packages, isolated, removable } = layout(host);
    for (const { path, core, package: of } of cores) {
      emit('node_cpu_core_throttles_total', count(host, path), { package: of, core });
    }
    for (const { path, package: of } of packages) {
      emit('node_cpu_package_throttles_total', count(host, path), { package: of });
    }
    for (const cpu of isolated) emit('node_cpu_isolated', 1, { cpu });
    if (removable.length === 0) return;
    const list = host.read(`${CPUS}/online`);
    if (list === undefined) return;
    const online = new Set(parseCpuList(`/${CPUS}/online`, list));
    for (const cpu of removable) emit('node_cpu_online', online.has(Number(cpu)) ? 1 : 0, { cpu });
  };
}

interface Throttled {
  readonly path: string;
  readonly package: string;
  readonly core: string;
}

interface Layout {
  readonly cores: readonly Throttled[];
  readonly packages: readonly Throttled[];
  readonly isolated: readonly string[];
  /** All CPUs, where the first can be taken out; else none, since then few machines say of the others whether they can. */
  readonly removable: readonly string[];
}

function lookAround(host: Host): Layout {
  const cpus = listCpus(host);
  const cores = new Map<string, Throttled>();
  const packages = new Map<string, Throttled>();
  for (const cpu of cpus) {
    const counts = host.list(`${CPUS}/cpu${cpu}/thermal_throttle`);
    if (counts.length === 0) continue;
    const ofPackage = host.peek(`${CPUS}/cpu${cpu}/topology/physical_package_id`);
    const core = host.peek(`${CPUS}/cpu${cpu}/topology/core_id`);
    if (!ofPackage || !core) continue;
    const path = (file: string) => `${CPUS}/cpu${cpu}/thermal_throttle/${file}`;
    const id = `${ofPackage} ${core}`;
    if (!cores.has(id) && counts.includes('core_throttle_count')) {
      cores.set(id, { path: path('core_throttle_count'), package: ofPackage, core });
    }
    if (!packages.has(ofPackage) && counts.includes('package_throttle_count')) {
      packages.set(ofPackage, { path: path('package_throttle_count'), package: ofPackage, core });
    }
  }
  const isolated = parseCpuList(`/${CPUS}/isolated`, host.peek(`${CPUS}/isolated`) ?? '');
  return {
    cores: [...cores.values()],
    packages: [...packages.values()],
    isolated: isolated.map(String),
    removable: host.peek(`${CPUS}/cpu${cpus[0]}/online`) === undefined ? [] : cpus,
  };
}

function count(host: Host, path: string): number | undefined {
  const text = host.peek(path);
  return text === undefined ? undefined : decimal(text);
}
