import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { infiniband, parseRate, parseState } from './infiniband.ts';

test('/sys/class/infiniband: states and rates', () => {
  assert.deepEqual([parseState('4: ACTIVE'), parseState('x'), parseState(undefined)], [4, Number.NaN, undefined]);
  assert.deepEqual(
    [parseRate('2.5 Gb/sec (1X SDR)'), parseRate('100 Gb/sec (4X EDR)'), parseRate('100 Mb/sec'), parseRate(undefined)],
    [312_500_000, 12_500_000_000, Number.NaN, undefined],
  );
});

test('/sys/class/infiniband: which adapters there are is looked at once a minute', () => {
  let now = 0;
  const collector = infiniband(() => now);
  assert.deepEqual(collected(collector, fakeHost({})).series, []);
  const host = fakeHost({ 'sys/class/infiniband/mlx5_0/ports/1/counters/symbol_error': '3\n' });
  assert.deepEqual(collected(collector, host).series, []);
  now = 60_000;
  assert.deepEqual(collected(collector, host).series, [
    'node_infiniband_info{device="mlx5_0"} 1',
    'node_infiniband_symbol_error_total{device="mlx5_0",port="1"} 3',
  ]);
});
