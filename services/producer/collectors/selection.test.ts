import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectorNames, selectCollectors } from './selection.ts';

const OPTIONS = { nodename: 'n', machine: 'm', now: () => 0 };
const selected = (text: string) => {
  const names = collectorNames.parse(text);
  return names === undefined ? undefined : selectCollectors(names, OPTIONS).map(({ name }) => name);
};

test('default is what node_exporter runs by default, as far as it is here', () => {
  for (const name of ['cpu', 'loadavg', 'meminfo', 'netdev']) assert.ok(selected('default')?.includes(name), name);
});

test('names are added and taken out, in the order in which they stand', () => {
  assert.deepEqual(selected('cpu, loadavg'), ['cpu', 'loadavg']);
  assert.deepEqual(selected('cpu,loadavg,-cpu'), ['loadavg']);
  assert.equal(selected('default,-cpu')?.includes('cpu'), false);
});

test('a name that there is not, or nothing at all, is refused', () => {
  assert.equal(collectorNames.parse('cpu,gpu'), undefined);
  assert.equal(collectorNames.parse('cpu,'), undefined);
  assert.equal(collectorNames.parse('cpu,-cpu'), undefined);
});
