/** What a node's CPUs do. */
import { timeSeries } from '../grafana/panels.ts';
import { over } from '../grafana/queries.ts';
import { NODE } from '../selectors.ts';
import { ofNode, shareOf } from './node-panel.ts';

const idle = `node_cpu_seconds_total{mode="idle",${NODE}}`;
/** Waiting for a disk is idle time, too. */
const BUSY = `1 - sum(rate(node_cpu_seconds_total{mode=~"idle|iowait",${NODE}}[$__rate_interval])) / count(${idle})`;

export const cpuOverTime = () =>
  ofNode(
    shareOf({
      title: 'CPU',
      description: 'The share of time in which the CPUs worked, all of them together.',
      width: 8,
      queries: [over(BUSY, 'busy')],
    }),
  );

export const cpuByMode = () =>
  ofNode(
    shareOf(
      {
        title: 'CPU by mode',
        description:
          'What the CPUs did with their time, without idling: programs (user, nice), the kernel (system), interrupts, waiting for disks (iowait), taken by the hypervisor (steal).',
        width: 12,
        queries: [
          over(
            `sum by (mode) (rate(node_cpu_seconds_total{mode!="idle",${NODE}}[$__rate_interval])) / scalar(count(${idle}))`,
            '{{mode}}',
          ),
        ],
      },
      'stacked',
    ),
  );

export const cpuByCore = () =>
  ofNode(
    shareOf({
      title: 'CPU by core, the busiest ten',
      description: 'One core at its end while others rest is a program that cannot use more than one.',
      width: 12,
      queries: [over(`topk(10, 1 - rate(${idle}[$__rate_interval]))`, 'cpu {{cpu}}')],
    }),
  );

export const cpuPressure = () =>
  ofNode(
    shareOf({
      title: 'CPU: busy and waited for',
      description:
        'Busy is no trouble as long as nobody waits. Waiting (PSI) is the share of time in which at least one task could run and had no CPU.',
      width: 8,
      queries: [
        over(BUSY, 'busy'),
        over(`rate(node_pressure_cpu_waiting_seconds_total{${NODE}}[$__rate_interval])`, 'waited for'),
      ],
    }),
  );

export const load = () =>
  ofNode(
    timeSeries({
      title: 'Load per CPU',
      description: 'Tasks that run, or wait for a CPU or a disk, for each CPU, over 1, 5 and 15 minutes.',
      width: 8,
      unit: 'short',
      queries: ['1', '5', '15'].map((minutes) =>
        over(`node_load${minutes}{${NODE}} / scalar(count(${idle}))`, `${minutes} min`),
      ),
    }),
  );
