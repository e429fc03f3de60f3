import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseKernelStat, stat } from './stat.ts';

const STAT = [
  'cpu  1 2 3 4',
  'cpu0 1 2 3 4',
  'intr 3545616 0 9 0 3',
  'ctxt 6985847',
  'btime 1795393240',
  'processes 41512',
  'procs_running 1',
  'procs_blocked 0',
  'softirq 12 0 3',
];
const SERIES = [
  'node_intr_total 3545616',
  'node_context_switches_total 6985847',
  'node_forks_total 41512',
  'node_boot_time_seconds 1795393240',
  'node_procs_running 1',
  'node_procs_blocked 0',
];
const statOf = (rows: readonly string[]) =>
  collected(
    stat((host) => host.read('proc/stat')),
    fakeHost({ 'proc/stat': rows.map((row) => `${row}\n`).join('') }),
  );

test('/proc/stat: sums since boot, and the states of now', () => {
  assert.deepEqual(statOf(STAT), { series: SERIES, failure: undefined });
});

test('/proc/stat: a line that is missing or garbled is absent and told, the others stay', () => {
  for (const ctxt of [[], ['ctxt'], ['ctxt ?'], ['ctxt 0x1f']]) {
    const { series, failure } = statOf([...STAT.filter((row) => !row.startsWith('ctxt')), ...ctxt]);
    assert.deepEqual(
      series,
      SERIES.filter((line) => !line.startsWith('node_context_switches_total')),
    );
    assert.match(failure ?? '', /node_context_switches_total: expected a finite number/);
  }
});

test('/proc/stat: one that was cut, or is missing, is unreadable', () => {
  assert.throws(() => parseKernelStat('ctxt 69858'), { code: 'PARSE' });
  const { series, failure } = collected(
    stat(() => undefined),
    fakeHost({}),
  );
  assert.deepEqual(series, []);
  assert.match(failure ?? '', /may be read/);
});

test('/proc/stat: a line of 100,000 interrupts', () => {
  assert.equal(parseKernelStat(`intr 7 ${'1 '.repeat(100_000)}\n`).get('intr'), 7);
});
