import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseContext } from './context.ts';

const ALL = ['kind-kind', 'production'];

test('A cluster of kind is taken without asking', async () => {
  assert.equal(await chooseContext({ current: 'kind-kind', all: ALL }, undefined, undefined), 'kind-kind');
});

test('another cluster has to be named', async () => {
  const current = { current: 'production', all: ALL };
  assert.equal(await chooseContext(current, 'production', undefined), 'production');
  await assert.rejects(
    chooseContext(current, undefined, undefined),
    /production, which is not of kind: say CONTEXT=production/,
  );
});

test('or confirmed by typing its name', async () => {
  const current = { current: 'production', all: ALL };
  assert.equal(await chooseContext(current, undefined, async () => 'production\n'), 'production');
  await assert.rejects(
    chooseContext(current, undefined, async () => 'y'),
    /not confirmed/,
  );
});

test('A context that does not exist is refused with those that do', async () => {
  await assert.rejects(
    chooseContext({ current: undefined, all: ALL }, 'prod', undefined),
    /no such context; there are: kind-kind, production/,
  );
});

test('without a cluster it says how to get one', async () => {
  await assert.rejects(
    chooseContext({ current: undefined, all: [] }, undefined, undefined),
    /there is none\. `make kind-up`/,
  );
});
