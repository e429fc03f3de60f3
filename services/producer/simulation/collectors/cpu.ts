/** CPUs: the time in each mode, which is a second a second, and how fast they run. */
import type { Collector } from '../../collector.ts';
import { between } from '../random.ts';
import { milliseconds, ticks } from '../rounding.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { FILL_GROWS } from './storage.ts';

const TOPIC = 1;

/** Part of a CPU's time that it waits, at a business of the disks of 1. */
const WAITING = { small: 0.04, general: 0.05, storage: 0.16, big: 0.03 } as const;
/** Part of a CPU's time that it waits for a disk that answers late, and that it runs for another machine. */
const STALLED = 0.42;
const STOLEN = 0.35;

export function cpu(node: SimulatedNode): Collector {
  const random = node.random(TOPIC);
  const { shape } = node;
  const names = Array.from({ length: shape.cpus }, (_, i) => String(i));
  const system = between(random, 0.18, 0.28);
  const softirq = between(random, 0.015, 0.045);
  const nice = between(random, 0.001, 0.006);
  const steal = shape.metal ? 0 : between(random, 0.004, 0.015);
  const user = 1 - system - softirq - nice - steal;
  const waiting = WAITING[shape.name];
  return {
    name: 'cpu',
    collect(_host, emit) {
      const { totals } = node.now;
      const iowait = waiting * totals.waiting + STALLED * node.spent('io-stall');
      const stolen = STOLEN * node.spent('cpu-steal');
      for (const [i, cpu] of names.entries()) {
        const usual = node.cpuWork(i);
        const busy = usual + totals.forced;
        emit('node_cpu_seconds_total', ticks(user * usual + 0.93 * totals.forced), { cpu, mode: 'user' });
        emit('node_cpu_seconds_total', ticks(nice * usual), { cpu, mode: 'nice' });
        emit('node_cpu_seconds_total', ticks(system * usual + 0.06 * totals.forced), { cpu, mode: 'system' });
        emit('node_cpu_seconds_total', ticks(totals.up - busy - iowait - stolen), { cpu, mode: 'idle' });
        emit('node_cpu_seconds_total', ticks(iowait), { cpu, mode: 'iowait' });
        emit('node_cpu_seconds_total', 0, { cpu, mode: 'irq' });
        emit('node_cpu_seconds_total', ticks(softirq * usual + 0.01 * totals.forced), { cpu, mode: 'softirq' });
        emit('node_cpu_seconds_total', ticks(steal * usual + stolen), { cpu, mode: 'steal' });
        emit('node_cpu_guest_seconds_total', 0, { cpu, mode: 'user' });
        emit('node_cpu_guest_seconds_total', 0, { cpu, mode: 'nice' });
      }
    },
  };
}

export function loadavg(node: SimulatedNode): Collector {
  return {
    name: 'loadavg',
    collect(_host, emit) {
      const [one, five, fifteen] = node.now.load;
      emit('node_load1', ticks(one));
      emit('node_load5', ticks(five));
      emit('node_load15', ticks(fifteen));
    },
  };
}

/** Waiting is rare until there is more to do than can be done. */
export function pressure(node: SimulatedNode): Collector {
  return {
    name: 'pressure',
    collect(_host, emit) {
      const { totals } = node.now;
      const wait = 0.02 * totals.usual + 0.88 * totals.crowded;
      const memory = 0.32 * totals.tight;
      const io =
        0.03 * totals.storage +
        0.06 * node.spent('disk-fill', 0, FILL_GROWS) +
        0.25 * totals.tight +
        0.72 * node.spent('io-stall') +
        0.12 * node.spent('disk-slow');
      emit('node_pressure_cpu_waiting_seconds_total', milliseconds(wait));
      emit('node_pressure_memory_waiting_seconds_total', milliseconds(memory));
      emit('node_pressure_memory_stalled_seconds_total', milliseconds(0.6 * memory));
      emit('node_pressure_io_waiting_seconds_total', milliseconds(io));
      emit('node_pressure_io_stalled_seconds_total', milliseconds(0.7 * io));
      emit('node_pressure_irq_stalled_seconds_total', milliseconds(0.001 * totals.usual));
    },
  };
}
