/** What the kernel counts about itself: the more a node works, the more it switches, forks and is interrupted. */
import type { Collector } from '../../collector.ts';
import { between } from '../random.ts';
import { microseconds, whole } from '../rounding.ts';
import { HUNG_TASKS, type SimulatedNode, STALLED_PER_CPU } from '../simulated-node.ts';
import { flows } from './network.ts';
import { FILL_GROWS } from './storage.ts';

const STAT_TOPIC = 10;
const VMSTAT_TOPIC = 11;
const FILES_TOPIC = 12;
const FREQUENCY_TOPIC = 13;
/** The part of its time in which a leak of descriptors comes to its end. */
const LEAK_GROWS = 0.4;

export function stat(node: SimulatedNode): Collector {
  const random = node.random(STAT_TOPIC);
  const { cpus } = node.shape;
  const switches = between(random, 7000, 16_000);
  const forks = between(random, 3, 25);
  return {
    name: 'stat',
    collect(_host, emit) {
      const { totals, runnable, boot, skew } = node.now;
      const work = cpus * totals.usual;
      const forced = cpus * totals.forced;
      emit('node_context_switches_total', whole(switches * work + 2500 * forced + 180 * cpus * totals.up));
      emit('node_forks_total', whole(forks * work + 2 * totals.up));
      emit('node_intr_total', whole(0.6 * switches * work + 1400 * forced + 240 * cpus * totals.up));
      // The kernel reckons from its clock when that was, so it moves with the clock.
      emit('node_boot_time_seconds', whole(boot + skew));
      emit('node_procs_running', 1 + whole(runnable));
      emit('node_procs_blocked', blockedTasks(node));
    },
  };
}

/** Tasks that wait for a disk, or for what never comes. */
export function blockedTasks(node: SimulatedNode): number {
  const stalled = node.isOn('io-stall') ? Math.ceil(STALLED_PER_CPU * node.shape.cpus) : 0;
  const hung = node.isOn('hung-task') ? HUNG_TASKS : 0;
  return whole(1.6 * node.now.storage) + (node.now.leaked > 0.9 ? 4 : 0) + stalled + hung;
}

export function schedstat(node: SimulatedNode): Collector {
  const names = Array.from({ length: node.shape.cpus }, (_, i) => String(i));
  return {
    name: 'schedstat',
    collect(_host, emit) {
      const { totals } = node.now;
      for (const [i, cpu] of names.entries()) {
        const running = node.cpuWork(i) + totals.forced;
        emit('node_schedstat_running_seconds_total', microseconds(running), { cpu });
        emit('node_schedstat_waiting_seconds_total', microseconds(0.04 * running + 1.8 * totals.crowded), { cpu });
        emit('node_schedstat_timeslices_total', whole(2600 * running), { cpu });
      }
    },
  };
}

/** Metal runs slower while there is little to do. A virtual machine is not told. */
export function cpufreq(node: SimulatedNode): Collector {
  const { metal, hertz, cpus } = node.shape;
  const names = Array.from({ length: metal ? cpus : 0 }, (_, i) => String(i));
  const random = node.random(FREQUENCY_TOPIC);
  const places = names.map(() => random() * 1e7);
  const { min, max } = hertz;
  return {
    name: 'cpufreq',
    collect(_host, emit) {
      const { cpu: busy, seconds } = node.now;
      for (const [i, cpu] of names.entries()) {
        const breath = 0.15 * node.noise.quick.at(seconds + (places[i] ?? 0));
        const part = Math.min(1, Math.max(0, 0.25 + 0.75 * busy + breath));
        emit('node_cpu_scaling_frequency_hertz', whole((min + part * (max - min)) / 1000) * 1000, { cpu });
        emit('node_cpu_frequency_min_hertz', min, { cpu });
        emit('node_cpu_frequency_max_hertz', max, { cpu });
        emit('node_cpu_scaling_frequency_min_hertz', min, { cpu });
        emit('node_cpu_scaling_frequency_max_hertz', max, { cpu });
        emit('node_cpu_scaling_governor', 0, { cpu, governor: 'performance' });
        emit('node_cpu_scaling_governor', 1, { cpu, governor: 'schedutil' });
      }
    },
  };
}

/** Pages a second while memory is too little; one in so many seconds is killed where a container's limit is. */
const SWAPPED = 1500;
const FAULTED = 700;
const KILL_SECONDS = 90;

/** Pages of 4 KiB; what goes in and out of disks is in KiB, as in the kernel. */
export function vmstat(node: SimulatedNode): Collector {
  const random = node.random(VMSTAT_TOPIC);
  const faults = between(random, 1500, 6000);
  const { cpus, swap } = node.shape;
  const leaks = node.trouble.spans('memory-leak');
  return {
    name: 'vmstat',
    collect(_host, emit) {
      const { totals, boot, seconds } = node.now;
      const work = cpus * totals.usual;
      const swaps = swap > 0 ? SWAPPED * totals.tight : 0;
      const busy = node.shape.disks.reduce((sum, disk) => sum + disk.busy, 0) * totals.storage;
      const ended = leaks.filter(({ end }) => end > boot && end <= seconds).length;
      emit('node_vmstat_oom_kill', ended + whole(node.spent('oom-kill') / KILL_SECONDS));
      emit('node_vmstat_pgpgin', whole(9000 * busy + 12_000 * totals.tight));
      emit('node_vmstat_pgpgout', whole(14_000 * busy + 60_000 * node.spent('disk-fill', 0, FILL_GROWS) + 4 * swaps));
      emit('node_vmstat_pswpin', whole(0.8 * swaps));
      emit('node_vmstat_pswpout', whole(swaps));
      emit('node_vmstat_pgfault', whole(faults * work + 300 * totals.up));
      emit('node_vmstat_pgmajfault', whole(0.02 * work + FAULTED * totals.tight));
    },
  };
}

export function entropy(): Collector {
  return {
    name: 'entropy',
    collect(_host, emit) {
      emit('node_entropy_available_bits', 256);
      emit('node_entropy_pool_size_bits', 256);
    },
  };
}

export function filefd(node: SimulatedNode): Collector {
  const usual = between(node.random(FILES_TOPIC), 900, 1800);
  /** A tenth of the memory in KiB, as the kernel chooses it where nobody did. */
  const most = whole(node.shape.memory / 10_240);
  return {
    name: 'filefd',
    collect(_host, emit) {
      const { cpu, traffic } = node.now;
      const open = usual + 220 * node.shape.cpus * (0.5 * cpu + traffic);
      const leaked = node.grown('fd-leak', LEAK_GROWS) * (0.97 * most - open);
      emit('node_filefd_allocated', whole((open + leaked) / 32) * 32);
      emit('node_filefd_maximum', most);
    },
  };
}

/** The kernel looks every two minutes for tasks that have waited for longer than that. */
export function kernelHung(node: SimulatedNode): Collector {
  return {
    name: 'kernel_hung',
    collect(_host, emit) {
      emit('node_kernel_hung_tasks_total', HUNG_TASKS * whole(node.spent('hung-task') / 120));
    },
  };
}

export function softnet(node: SimulatedNode): Collector {
  const names = Array.from({ length: node.shape.cpus }, (_, i) => String(i));
  const random = node.random(STAT_TOPIC + 10);
  const weights = names.map(() => between(random, 0.6, 1.4));
  return {
    name: 'softnet',
    collect(_host, emit) {
      const { received, lossy } = flows(node);
      const { totals } = node.now;
      for (const [i, cpu] of names.entries()) {
        const part = (weights[i] ?? 1) / names.length;
        emit('node_softnet_processed_total', whole(part * received.packets), { cpu });
        emit('node_softnet_dropped_total', whole(0.01 * part * lossy), { cpu });
        emit('node_softnet_times_squeezed_total', whole(part * (3e-5 * received.packets + 30 * totals.crowded)), {
          cpu,
        });
        emit('node_softnet_cpu_collision_total', 0, { cpu });
        emit('node_softnet_received_rps_total', 0, { cpu });
        emit('node_softnet_flow_limit_count_total', 0, { cpu });
        emit('node_softnet_backlog_len', 0, { cpu });
      }
    },
  };
}
