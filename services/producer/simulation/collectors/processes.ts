/** What runs only where it is asked for by name: CPUs by model, processes and connections by state, interrupts by source. */
import type { Collector } from '../../collector.ts';
import { between } from '../random.ts';
import { whole } from '../rounding.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { blockedTasks } from './kernel.ts';
import { flows } from './network.ts';
import { established } from './protocols.ts';

const TOPIC = 24;

export function cpuinfo(node: SimulatedNode): Collector {
  const { cpus, metal, cpuModel } = node.shape;
  const { vendor, name, family, model } = cpuModel;
  const make = { vendor, family, model, model_name: name, microcode: metal ? '0xa101148' : '0x1', stepping: '1' };
  const infos = Array.from({ length: cpus }, (_, i) => {
    const core = String(metal ? i % (cpus / 2) : i);
    return { ...make, package: '0', core, cpu: String(i), cachesize: metal ? '1024 KB' : '16384 KB' };
  });
  return {
    name: 'cpuinfo',
    collect(_host, emit) {
      for (const info of infos) emit('node_cpu_info', 1, info);
    },
  };
}

export function processes(node: SimulatedNode): Collector {
  const { cpus } = node.shape;
  const usual = between(node.random(TOPIC), 90, 150) + 9 * cpus;
  return {
    name: 'processes',
    collect(_host, emit) {
      const { cpu, runnable } = node.now;
      const [running, waiting, idle] = [1 + whole(runnable), blockedTasks(node), 12 + 8 * cpus];
      const asleep = whole(usual * (1 + 0.25 * cpu));
      emit('node_processes_pids', running + waiting + idle + asleep);
      emit('node_processes_threads', running + waiting + idle + 4 * asleep);
      for (const [state, processes, threads] of [
        ['R', running, running],
        ['D', waiting, waiting],
        ['I', idle, idle],
        ['S', asleep, 4 * asleep],
      ] as const) {
        emit('node_processes_state', processes, { state });
        emit('node_processes_threads_state', threads, { thread_state: state });
      }
      emit('node_processes_max_processes', 2 ** 22);
      emit('node_processes_max_threads', whole(node.shape.memory / 131_072));
    },
  };
}

/** The timer, what CPUs tell each other, and the queues of the network. */
export function interrupts(node: SimulatedNode): Collector {
  const names = Array.from({ length: node.shape.cpus }, (_, i) => String(i));
  const timer = { type: 'LOC', info: 'Local timer interrupts', devices: '' };
  const calls = { type: 'CAL', info: 'Function call interrupts', devices: '' };
  const queue = { type: '25', info: 'PCI-MSIX', devices: 'input.0' };
  return {
    name: 'interrupts',
    collect(_host, emit) {
      const { totals } = node.now;
      const packets = flows(node).received.packets / names.length;
      for (const [i, cpu] of names.entries()) {
        const work = node.cpuWork(i) + totals.forced;
        emit('node_interrupts_total', whole(40 * totals.up + 250 * work), { cpu, ...timer });
        emit('node_interrupts_total', whole(60 * work), { cpu, ...calls });
        emit('node_interrupts_total', whole(0.3 * packets), { cpu, ...queue });
      }
    },
  };
}

export function tcpstat(node: SimulatedNode): Collector {
  return {
    name: 'tcpstat',
    collect(_host, emit) {
      const { traffic } = node.now;
      emit('node_tcp_connection_states', established(node), { state: 'established' });
      emit('node_tcp_connection_states', whole(90 * traffic), { state: 'time_wait' });
      emit('node_tcp_connection_states', 14, { state: 'listen' });
      emit('node_tcp_connection_states', 0, { state: 'rx_queued_bytes' });
      emit('node_tcp_connection_states', whole(900 * traffic), { state: 'tx_queued_bytes' });
    },
  };
}
