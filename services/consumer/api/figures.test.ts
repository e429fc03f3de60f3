import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metrics, NodeEvent } from '#contract/event.ts';
import { FigureMaker } from './figures.ts';

function event(seq: number, metrics: Metrics, change: Partial<NodeEvent> = {}): NodeEvent {
  const time = 1e12 + seq * 5000;
  return { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq, time, interval: 5000, metrics, ...change };
}

/** The figures of the last of these. */
function figuresOf(...metrics: readonly Metrics[]) {
  const maker = new FigureMaker();
  return metrics.map((of, seq) => maker.take(event(seq, of))).at(-1);
}

const cpu = (user: number, idle: number, iowait: number): Metrics => ({
  node_cpu_seconds_total: [
    ['0', 'user', user],
    ['0', 'idle', idle],
    ['0', 'iowait', iowait],
  ],
});

test('a CPU that is idle or waits for a disk does not work', () => {
  assert.equal(figuresOf(cpu(10, 10, 10), cpu(11, 12, 11))?.cpuPercent, 25);
});

test('rates need an event before, of the same run, with counters that have not gone back', () => {
  const traffic = (bytes: number): Metrics => ({ node_network_receive_bytes_total: [['eth0', bytes]] });
  assert.equal(figuresOf(traffic(1000))?.networkReceiveBytesPerSecond, undefined);
  assert.equal(figuresOf(traffic(1000), traffic(6000))?.networkReceiveBytesPerSecond, 1000);
  assert.equal(figuresOf(traffic(6000), traffic(1000))?.networkReceiveBytesPerSecond, undefined);
  const maker = new FigureMaker();
  maker.take(event(0, traffic(1000)));
  assert.equal(maker.take(event(1, traffic(6000), { epoch: 'other' })).networkReceiveBytesPerSecond, undefined);
  assert.equal(
    maker.take(event(2, traffic(9000), { epoch: 'other', time: 0 })).networkReceiveBytesPerSecond,
    undefined,
    'the clock was set back',
  );
});

test('traffic is that of the hardware, once', () => {
  const bytes = (of: number): Metrics => ({
    node_network_transmit_bytes_total: [
      ['lo', of * 1000],
      ['eth0', of],
      ['enp3s0f1', of * 2],
      ['wlan0', of * 4],
      ['bond0', of * 3],
      ['eth0.100', of],
      ['veth1234', of],
      ['br-5b', of],
      ['cali99', of],
    ],
  });
  assert.equal(figuresOf(bytes(0), bytes(5))?.networkTransmitBytesPerSecond, 7);
});

test('memory is what programs could not be given', () => {
  const metrics = {
    node_memory_MemTotal_bytes: 400,
    node_memory_MemAvailable_bytes: 300,
    node_memory_MemFree_bytes: 1,
  };
  assert.equal(figuresOf(metrics)?.memoryPercent, 25);
  assert.equal(figuresOf({ node_memory_MemTotal_bytes: 400 })?.memoryPercent, undefined);
});

test('the fullest file system is named; one that cannot be written to does not count, whatever the order of rows', () => {
  const [root, data, image] = [
    ['/dev/a', '/', 'ext4', ''],
    ['/dev/b', '/data', 'xfs', ''],
    ['/dev/c', '/snap', 'squashfs', ''],
  ] as const;
  const figures = figuresOf({
    node_filesystem_size_bytes: [
      [...root, 100],
      [...data, 1000],
      [...image, 10],
    ],
    node_filesystem_avail_bytes: [
      [...image, 0],
      [...root, 40],
      [...data, 200],
    ],
    node_filesystem_readonly: [
      [...root, 0],
      [...image, 1],
      [...data, 0],
    ],
  });
  assert.equal(figures?.diskPercent, 80);
  assert.equal(figures?.diskMountpoint, '/data');
});

test('pressure is the share of time in which tasks waited', () => {
  const waited = (s: number): Metrics => ({ node_pressure_io_waiting_seconds_total: s, node_load1: 0.5 });
  const figures = figuresOf(waited(1), waited(2.5));
  assert.deepEqual([figures?.ioPressurePercent, figures?.cpuPressurePercent, figures?.load1], [30, undefined, 0.5]);
});

test('an event without anything has no figures, and none is 0', () => {
  const figures = figuresOf({}, {});
  assert.deepEqual(
    Object.values(figures ?? {}).filter((value) => value !== undefined),
    [],
  );
});
