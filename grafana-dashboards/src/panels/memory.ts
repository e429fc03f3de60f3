/** What a node's memory is used for. */
import { stacked, timeSeries } from '../grafana/panels.ts';
import { over } from '../grafana/queries.ts';
import { NODE } from '../selectors.ts';
import { ofNode, shareOf } from './node-panel.ts';

const field = (name: string): string => `node_memory_${name}_bytes{${NODE}}`;
const USED = `1 - ${field('MemAvailable')} / ${field('MemTotal')}`;

export const memoryOverTime = () =>
  ofNode(
    shareOf({
      title: 'Memory',
      description: 'The share of memory that programs could not get any more, and of swap space in use.',
      width: 8,
      queries: [over(USED, 'used'), over(`1 - ${field('SwapFree')} / (${field('SwapTotal')} > 0)`, 'swap')],
    }),
  );

export const memoryBreakdown = () =>
  ofNode(
    stacked({
      title: 'Memory by what it is used for',
      description:
        'All of it. What programs have made (anonymous), caches of files, the kernel, and what is free. Caches are given back when programs need them, but for shared memory.',
      width: 12,
      unit: 'bytes',
      queries: [
        over(field('AnonPages'), 'programs'),
        over(field('Shmem'), 'shared memory'),
        over(`${field('Cached')} - ${field('Shmem')} + ${field('Buffers')}`, 'caches of files'),
        over(`${field('Slab')} + ${field('KernelStack')} + ${field('PageTables')}`, 'kernel'),
        over(field('MemFree'), 'free'),
      ],
    }),
  );

export const memoryPressure = () =>
  ofNode(
    shareOf({
      title: 'Memory: used and waited for',
      description:
        'Full is no trouble as long as nobody waits. Waiting (PSI) is the share of time in which some task, or all of them, waited for memory.',
      width: 8,
      queries: [
        over(USED, 'used'),
        over(`rate(node_pressure_memory_waiting_seconds_total{${NODE}}[$__rate_interval])`, 'waited for'),
        over(`rate(node_pressure_memory_stalled_seconds_total{${NODE}}[$__rate_interval])`, 'all waited'),
      ],
    }),
  );

export const paging = () =>
  ofNode(
    timeSeries({
      title: 'Paging and kills',
      description:
        'Pages moved to and from swap, major faults (pages that had to come from a disk), and programs killed for want of memory.',
      width: 12,
      unit: 'ops',
      queries: [
        over(`rate(node_vmstat_pswpin{${NODE}}[$__rate_interval])`, 'swapped in'),
        over(`rate(node_vmstat_pswpout{${NODE}}[$__rate_interval])`, 'swapped out'),
        over(`rate(node_vmstat_pgmajfault{${NODE}}[$__rate_interval])`, 'major faults'),
        over(`increase(node_vmstat_oom_kill{${NODE}}[$__rate_interval])`, 'killed'),
      ],
    }),
  );
