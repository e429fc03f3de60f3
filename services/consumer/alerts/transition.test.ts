import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertIdOf, type Identity } from './transition.ts';

const identity: Identity = {
  cluster: 'c',
  node: 'n1',
  group: 'cpu',
  alertname: 'CpuBusy',
  expr: 'node_load1 > 4',
  labels: ['alertname', 'CpuBusy', 'severity', 'warning'],
  since: 1_700_000_000_000,
};

test('the id of a life never changes between versions', () => {
  assert.equal(alertIdOf(identity), '0fc47175ebd24af4');
});

test('each part of what identifies a life changes its id', () => {
  const others: Partial<Identity>[] = [
    { cluster: 'd' },
    { node: 'n2' },
    { group: 'memory' },
    { alertname: 'CpuBusier' },
    { expr: 'node_load1 > 5' },
    { labels: ['alertname', 'CpuBusy', 'severity', 'critical'] },
    { since: identity.since + 1 },
    { cluster: 'cn', node: '1' },
  ];
  const ids = [identity, ...others.map((other) => ({ ...identity, ...other }))].map(alertIdOf);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
});
