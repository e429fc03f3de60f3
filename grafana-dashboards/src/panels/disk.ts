/** What a node's disks do, and what is on them. */
import { BarGaugeDisplayMode, TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import { worseFrom } from '../grafana/colors.ts';
import { rowsOf, timeSeries } from '../grafana/panels.ts';
import { over, rows } from '../grafana/queries.ts';
import { DISKS, NODE, REAL_FILESYSTEMS } from '../selectors.ts';
import { ofNode, shareOf } from './node-panel.ts';

const disk = (name: string): string => `rate(node_disk_${name}{${DISKS},${NODE}}[$__rate_interval])`;
const filesystem = (name: string): string => `node_filesystem_${name}{${REAL_FILESYSTEMS},${NODE}}`;
/** Figures of one mount point, if it is mounted several times. */
const perMount = (expr: string): string => `max by (mountpoint, device, fstype) (${expr})`;
const FULL = `1 - ${filesystem('avail_bytes')} / ${filesystem('size_bytes')}`;

export const diskOverTime = () =>
  ofNode(
    shareOf({
      title: 'Disk space',
      description: 'The share of each file system that is used up, for programs that are not root.',
      width: 8,
      queries: [over(perMount(FULL), '{{mountpoint}}')],
    }),
  );

export const diskThroughput = () =>
  ofNode(
    timeSeries({
      title: 'Disk: read and written',
      description: 'Bytes per second of each disk, written below the line.',
      width: 12,
      unit: 'Bps',
      queries: [
        over(disk('read_bytes_total'), '{{device}} read'),
        over(`-${disk('written_bytes_total')}`, '{{device}} written'),
      ],
    }),
  );

export const diskLatency = () =>
  ofNode(
    timeSeries({
      title: 'Disk: time per operation',
      description:
        'How long a read and a write took on average, waiting in the queue included; nothing where nothing was done.',
      width: 12,
      unit: 's',
      queries: [
        over(`${disk('read_time_seconds_total')} / (${disk('reads_completed_total')} > 0)`, '{{device}} read'),
        over(`${disk('write_time_seconds_total')} / (${disk('writes_completed_total')} > 0)`, '{{device}} write'),
      ],
    }),
  );

export const diskSaturation = () =>
  ofNode(
    timeSeries({
      title: 'Disk: operations in the queue',
      description: 'Operations that were under way or waited, on average.',
      width: 12,
      unit: 'short',
      queries: [over(disk('io_time_weighted_seconds_total'), '{{device}}')],
    }),
  );

export const diskBusy = () =>
  ofNode(
    shareOf({
      title: 'Disk: share of time busy',
      description:
        'The share of time in which the disk had something to do. Disks that do many things at once are not at their end at 100 %.',
      width: 12,
      queries: [over(disk('io_time_seconds_total'), '{{device}}')],
    }),
  );

export const diskPressure = () =>
  ofNode(
    shareOf({
      title: 'Disk: busy and waited for',
      description:
        'The busiest disk, beside the share of time (PSI) in which some task, or all of them, waited for I/O.',
      width: 8,
      queries: [
        over(`max(${disk('io_time_seconds_total')})`, 'busy'),
        over(`rate(node_pressure_io_waiting_seconds_total{${NODE}}[$__rate_interval])`, 'waited for'),
        over(`rate(node_pressure_io_stalled_seconds_total{${NODE}}[$__rate_interval])`, 'all waited'),
      ],
    }),
  );

/** So far back a file system's trend is looked for: shorter ones follow every log file. */
const TREND = '6h';

export const filesystems = () => {
  const gauge = [
    { id: 'unit', value: 'percentunit' },
    { id: 'min', value: 0 },
    { id: 'max', value: 1 },
    { id: 'thresholds', value: worseFrom(0.9, 0.97).build() },
    { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.Gauge, mode: BarGaugeDisplayMode.Basic } },
  ];
  const unit = (value: string) => [{ id: 'unit', value }];
  return rowsOf({
    title: 'File systems',
    description: `The fullest first. When each will be full, if it goes on as in the last ${TREND}; nothing where it does not grow.`,
    width: 24,
    height: 9,
    queries: [
      rows(perMount(filesystem('size_bytes'))),
      rows(perMount(filesystem('avail_bytes'))),
      rows(perMount(FULL)),
      rows(perMount(`${filesystem('avail_bytes')} / (-deriv(${filesystem(`avail_bytes`)}[${TREND}]) > 0)`)),
      rows(perMount(`1 - ${filesystem('files_free')} / (${filesystem('files')} > 0)`)),
      rows(perMount(filesystem('readonly'))),
    ],
    columns: [
      { field: 'mountpoint', name: 'Mounted at', width: 240 },
      { field: 'device', name: 'Device', width: 220 },
      { field: 'fstype', name: 'Type', width: 80 },
      { field: 'Value #A', name: 'Size', width: 100, properties: unit('bytes') },
      { field: 'Value #B', name: 'Left', width: 100, properties: unit('bytes') },
      { field: 'Value #C', name: 'Used', properties: gauge },
      { field: 'Value #D', name: 'Full in', width: 110, properties: unit('s') },
      { field: 'Value #E', name: 'Inodes used', properties: gauge },
      {
        field: 'Value #F',
        name: 'Writable',
        width: 90,
        properties: [
          {
            id: 'mappings',
            value: [{ type: 'value', options: { 0: { text: 'yes' }, 1: { text: 'no', color: 'orange' } } }],
          },
        ],
      },
    ],
    sortBy: 'Used',
  });
};
