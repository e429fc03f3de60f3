import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '#runtime/log.ts';
import type { Collector } from '../collector.ts';
import { createProducerMetrics } from '../metrics.ts';
import { fakeHost } from './fake-host.ts';
import { watchHost } from './watch.ts';

const collector = (name: string, needs?: Collector['needs']): Collector => ({
  name,
  collect: () => undefined,
  ...(needs && { needs }),
});

test('what needs an aspect that is not the host’s does not run, until it is, and both are told once', async () => {
  const lines: { aspect: string; msg: string }[] = [];
  const files = { 'proc/self/status': 'NSpid:\t1\n', 'proc/1/net/dev': 'x' };
  const host = fakeHost(files);
  let time = 0;
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

  files['proc/self/status'] = 'NSpid:\t4711\t1\n';
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
