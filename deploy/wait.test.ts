import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeCluster, pod } from './fake-cluster.ts';
import type { KubeObject } from './objects.ts';
import { createProgress } from './progress.ts';
import { type Check, type Waiting, waitUntilReady } from './wait.ts';

const WEB: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'x' } } },
};
const DONE: KubeObject = { ...WEB, status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1 } };

/** A clock that goes on when it is waited for; `at` does something at a moment. */
function setUp(objects: readonly KubeObject[], at: Readonly<Record<number, (objects: KubeObject[]) => void>> = {}) {
  const cluster = fakeCluster({ objects });
  let time = 0;
  const printed: string[] = [];
  const clock = {
    now: () => time,
    async pause(ms: number) {
      time += ms;
      at[time]?.(cluster.objects);
    },
  };
  const terminal = { isTTY: false, columns: 80, write: (text: string) => void printed.push(text) };
  const waiting: Waiting = { cluster, clock, progress: createProgress(terminal, clock.now), timeoutMs: 120_000 };
  return { waiting, printed: () => printed.join(''), time: () => time };
}

test('it ends as soon as everything of the manifest is ready', async () => {
  const { waiting, time } = setUp([WEB], { 6000: (objects) => objects.splice(0, 1, DONE) });
  await waitUntilReady(waiting, [WEB, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'not there' } }], []);
  assert.equal(time(), 6000);
});

test('what answers from outside is asked when the rest is ready', async () => {
  const { waiting, time } = setUp([WEB], { 4000: (objects) => objects.splice(0, 1, DONE) });
  const asked: number[] = [];
  const check: Check = {
    what: 'the service',
    async missing() {
      asked.push(time());
      return time() < 8000 ? 'no answer' : undefined;
    },
  };
  await waitUntilReady(waiting, [WEB], [check]);
  assert.deepEqual(asked, [4000, 6000, 8000]);
});

test('when the time is over it says what is not ready, and why', async () => {
  const message = '0/1 nodes are available: 1 node(s) were unschedulable.';
  const { waiting } = setUp([
    WEB,
    pod('web-1', { conditions: [{ type: 'PodScheduled', status: 'False', message }] }, {}),
  ]);
  await assert.rejects(waitUntilReady(waiting, [WEB], []), (error: Error) => {
    assert.match(
      error.message,
      /^not ready after 120 s\n\nDeployment web: 0 of 1 pods are of the new version\n {2}pod web-1 cannot be scheduled/,
    );
    assert.match(error.message, /kubectl uncordon NODE/);
    return true;
  });
});

test('what does not look well is told while it is waited for, once', async () => {
  const status = {
    containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CreateContainerConfigError', message: 'a' } } }],
  };
  const { waiting, printed } = setUp([WEB, pod('web-1', status)], { 90000: (objects) => objects.splice(0, 2, DONE) });
  await waitUntilReady(waiting, [WEB], []);
  assert.equal(printed().match(/! pod web-1/g)?.length, 1);
});
