import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '#runtime/log.ts';
import type { Collector } from '../collector.ts';
import { createProducerMetrics } from '../metrics.ts';
import type { Host } from './proc.ts';
import { watchHost } from './watch.ts';

const collector = (name: string, needs?: Collector['needs']): Collector => ({
  name,
  collect: () => undefined,
  ...(needs && { needs }),
});

test('what needs an aspect that is not the host’s does not run, until it is, and both are told once', async () => {
  const lines: { aspect: string; msg: string }[] = [];
  let pids = '1';
  let time = 0;
  const host: Host = {
    own: false,
    read: (path) => ({ 'proc/self/status': `NSpid:\t${pids}\n`, 'proc/1/net/dev': 'x' })[path],
    peek: () => undefined,
    list: () => [],
    link: () => undefined,
    device: () => undefined,
    statfs: () => ({ error: 'ENOENT' }),
    statfsRemote: () => new Map(),
    close: () => undefined,
  };
  const metrics = createProducerMetrics();
  const allowed = watchHost({
    host,
    named: true,
    collectors: [collector('cpu'), collector('netdev', ['network'])],
    clock: { monotonic: () => time },
    metrics,
    log: createLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) }),
  });
  const names = () => allowed().map(({ name }) => name);
  const told = () => lines.splice(0).filter(({ aspect }) => aspect === 'network');
  const shown = async () => {
    const { values } = await metrics.hostView.get();
    return values.find(({ labels }) => labels.aspect === 'network')?.value;
  };

  assert.deepEqual([names(), names()], [['cpu'], ['cpu']]);
  assert.equal(await shown(), 0);
  assert.deepEqual(
    told().map(({ msg }) => msg),
    ['not published: this is not the host'],
  );

  pids = '4711\t1';
  time = 59_999;
  assert.deepEqual(names(), ['cpu']);
  time = 60_000;
  assert.deepEqual(names(), ['cpu', 'netdev']);
  assert.equal(await shown(), 1);
  assert.deepEqual(
    told().map(({ msg }) => msg),
    ['published again: this is the host'],
  );
});
