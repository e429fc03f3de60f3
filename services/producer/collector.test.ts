import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvent, encodeEvent } from '#contract/codec.ts';
import type { NodeEvent } from '#contract/event.ts';
import { createLog } from '#runtime/log.ts';
import { type Collector, collectAll, type Emit } from './collector.ts';
import { followCollectors } from './collector-health.ts';
import { createFakeClock } from './fake-clock.ts';
import { fakeHost } from './host/fake-host.ts';
import { createProducerMetrics } from './metrics.ts';

const host = fakeHost({});
const frozen = () => 0;

const collector = (name: string, collect: (emit: Emit) => void): Collector => ({
  name,
  collect: (_host, emit) => collect(emit),
});

function collect(...collectors: Collector[]) {
  const { metrics, failures } = collectAll(collectors, host, frozen);
  const { node_scrape_collector_success, node_scrape_collector_duration_seconds: _, ...rest } = metrics;
  return { metrics: rest, success: node_scrape_collector_success, failures: Object.fromEntries(failures) };
}

test('series of several collectors make one set of metrics, labels in the order of the catalogue', () => {
  const { metrics, success } = collect(
    collector('loadavg', (emit) => emit('node_load1', 0.5)),
    collector('cpu', (emit) => {
      emit('node_cpu_seconds_total', 1, { cpu: '0', mode: 'idle' });
      emit('node_cpu_seconds_total', 2, { mode: 'user', cpu: '0' });
    }),
  );
  assert.deepEqual(metrics, {
    node_load1: 0.5,
    node_cpu_seconds_total: [
      ['0', 'idle', 1],
      ['0', 'user', 2],
    ],
  });
  assert.deepEqual(success, [
    ['loadavg', 1],
    ['cpu', 1],
  ]);
});

test('a collector that fails keeps what it emitted, and does not touch the others', () => {
  const { metrics, success, failures } = collect(
    collector('loadavg', (emit) => {
      emit('node_load1', 0.5);
      throw new Error('the rest is unreadable');
    }),
    collector('uname', (emit) => emit('node_load5', 1)),
  );
  assert.deepEqual(metrics, { node_load1: 0.5, node_load5: 1 });
  assert.deepEqual(success, [
    ['loadavg', 0],
    ['uname', 1],
  ]);
  assert.deepEqual(failures, { loadavg: 'the rest is unreadable' });
});

test('each collector is timed by the clock that it is given', () => {
  let now = 0;
  const { metrics } = collectAll(
    [
      collector('cpu', () => {
        now += 1500;
      }),
      collector('uname', () => {
        now += 2;
      }),
    ],
    host,
    () => now,
  );
  assert.deepEqual(metrics.node_scrape_collector_duration_seconds, [
    ['cpu', 1.5],
    ['uname', 0.002],
  ]);
});

test('what is unknown is left out in silence', () => {
  const { metrics, success } = collect(collector('loadavg', (emit) => emit('node_load1', undefined)));
  assert.deepEqual([metrics, success], [{}, [['loadavg', 1]]]);
});

for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(`${value} is never published: it is a failure of its collector, whose other values stay`, () => {
    const { metrics, success, failures } = collect(
      collector('cpu', (emit) => {
        emit('node_cpu_seconds_total', value, { cpu: '0', mode: 'idle' });
        emit('node_load1', value);
        emit('node_load5', 1);
      }),
    );
    assert.deepEqual(metrics, { node_load5: 1 });
    assert.deepEqual(success, [['cpu', 0]]);
    assert.deepEqual(failures, {
      cpu: `node_cpu_seconds_total{cpu="0",mode="idle"}: expected a finite number, got ${value}; 1 more`,
    });
  });
}

test('a series that comes twice is published once, and the second is a failure', () => {
  const { metrics, failures } = collect(
    collector('netdev', (emit) => {
      emit('node_network_receive_bytes_total', 1, { device: 'eth0' });
      emit('node_network_receive_bytes_total', 2, { device: 'eth0' });
    }),
    collector('loadavg', (emit) => emit('node_load1', 1)),
    collector('again', (emit) => emit('node_load1', 2)),
  );
  assert.deepEqual(metrics, { node_network_receive_bytes_total: [['eth0', 1]], node_load1: 1 });
  assert.deepEqual(failures, {
    netdev: 'node_network_receive_bytes_total{device="eth0"}: expected once, got twice',
    again: 'node_load1: expected once, got twice',
  });
});

test('a name that the kernel made and the catalogue does not admit is a failure', () => {
  const { metrics, failures } = collect(collector('meminfo', (emit) => emit('node_memory_a b_bytes', 1)));
  assert.deepEqual([metrics, failures], [{}, { meminfo: 'node_memory_a b_bytes: expected a name of the catalogue' }]);
});

test('whatever collectors emit, a decoder takes it', () => {
  const { metrics } = collectAll(
    [
      collector('cpu', (emit) => {
        emit('node_cpu_seconds_total', Number.NaN, { cpu: '0', mode: 'idle' });
        emit('node_cpu_seconds_total', 1, { cpu: '"\\', mode: '\u0000\ud800' });
        emit('node_cpu_seconds_total', 1, { cpu: '"\\', mode: '\u0000\ud800' });
        emit('node_memory___proto___bytes', -0);
      }),
    ],
    host,
    frozen,
  );
  const event: NodeEvent = { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq: 0, time: 0, interval: 1, metrics };
  const decoded = decodeEvent({ key: new TextEncoder().encode('c/n'), value: encodeEvent(event), headers: {} });
  assert.ok('event' in decoded);
  assert.deepEqual([decoded.samples, decoded.unknownMetrics], [4, 0]);
});

test('a wrong name, a missing, wrong or needless label does not compile', () => {
  collector('types', (emit) => {
    emit('node_load1', 1);
    emit('node_memory_MemFree_bytes', 1);
    emit('node_network_receive_bytes_total', 1, { device: 'eth0' });
    // @ts-expect-error the catalogue has no such name
    emit('node_load2', 1);
    // @ts-expect-error no pattern admits it
    emit('node_memory_MemFree', 1);
    // @ts-expect-error its label is missing
    emit('node_network_receive_bytes_total', 1);
    // @ts-expect-error one of its labels is missing
    emit('node_cpu_seconds_total', 1, { cpu: '0' });
    // @ts-expect-error it has no such label
    emit('node_network_receive_bytes_total', 1, { interface: 'eth0' });
    // @ts-expect-error it has no labels
    emit('node_load1', 1, { cpu: '0' });
    // @ts-expect-error a label is text
    emit('node_cpu_seconds_total', 1, { cpu: 0, mode: 'idle' });
  });
});

test('a collector that keeps failing is told once, counted each time, and told again when it is well', async () => {
  const clock = createFakeClock(0);
  const metrics = createProducerMetrics();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('test', 'debug', { write: (line) => lines.push(JSON.parse(line)) });
  const collectors = [collector('cpu', () => undefined), collector('netdev', () => undefined)];
  const follow = followCollectors({ collectors, clock, metrics, log });
  for (const error of [undefined, 'a', 'b', 'b', undefined, undefined, 'c']) {
    follow({ metrics: {}, failures: new Map(error === undefined ? [] : [['netdev', error]]) });
    clock.spend(5000);
  }
  assert.deepEqual(
    lines.map(({ level, msg, collector, error, seconds }) => [level, msg, collector, error ?? seconds]),
    [
      ['warn', 'collector fails', 'netdev', 'a'],
      ['info', 'collector works again', 'netdev', 15],
      ['warn', 'collector fails', 'netdev', 'c'],
    ],
  );
  assert.deepEqual(
    (await metrics.collectorFailures.get()).values.map(({ labels, value }) => [labels.collector, value]),
    [
      ['cpu', 0],
      ['netdev', 4],
    ],
  );
});
