/** What runs on a node. */
import { timeSeries } from '../grafana/panels.ts';
import { over } from '../grafana/queries.ts';
import { NODE } from '../selectors.ts';
import { ofNode } from './node-panel.ts';

export const runQueue = () =>
  ofNode(
    timeSeries({
      title: 'Threads that run or wait',
      description: 'Threads that run or could run, and those that wait for I/O to complete, beside the number of CPUs.',
      width: 8,
      unit: 'short',
      queries: [
        over(`node_procs_running{${NODE}}`, 'run or could'),
        over(`node_procs_blocked{${NODE}}`, 'wait for I/O'),
        over(`count(node_cpu_seconds_total{mode="idle",${NODE}})`, 'CPUs'),
      ],
    }).min(0),
  );

export const switches = () =>
  ofNode(
    timeSeries({
      title: 'Starts, switches, interrupts',
      description: 'Per second: processes and threads begun, switches from one to another, interrupts served.',
      width: 8,
      unit: 'ops',
      queries: [
        over(`rate(node_forks_total{${NODE}}[$__rate_interval])`, 'begun'),
        over(`rate(node_context_switches_total{${NODE}}[$__rate_interval])`, 'switches'),
        over(`rate(node_intr_total{${NODE}}[$__rate_interval])`, 'interrupts'),
      ],
    }).min(0),
  );

export const openFiles = () =>
  ofNode(
    timeSeries({
      title: 'Open files',
      description: 'Files open in all processes together.',
      width: 12,
      unit: 'short',
      queries: [over(`node_filefd_allocated{${NODE}}`, 'open')],
    }).min(0),
  );

export const processStates = () =>
  ofNode(
    timeSeries({
      title: 'Processes by state',
      description:
        'R runs or could, S sleeps, D cannot be woken (a disk, a hung mount), Z is a zombie. There only where COLLECTORS adds processes.',
      width: 12,
      unit: 'short',
      queries: [over(`node_processes_state{${NODE}} > 0`, '{{state}}')],
    }).min(0),
  );
