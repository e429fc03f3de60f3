import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, hints } from './diagnosis.ts';
import { fakeCluster, pod } from './fake-cluster.ts';
import type { Event, KubeObject } from './objects.ts';
import { troubleOf } from './trouble.ts';

const DEPLOYMENT: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { selector: { matchLabels: { app: 'x' } } },
};

const warning = (name: string, reason: string, message: string, time = '2026-01-01T00:00:00Z'): Event => ({
  type: 'Warning',
  reason,
  message,
  lastTimestamp: time,
  metadata: {},
  involvedObject: { kind: 'Pod', name },
});

const waiting = (reason: string, message = ''): object => ({
  containerStatuses: [{ name: 'main', image: 'registry/app:1', state: { waiting: { reason, message } } }],
});

test('A pod that no node takes is told with the words of the scheduler and what to do', async () => {
  const message = '0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint {a: b}.';
  const unscheduled = pod('web-1', { conditions: [{ type: 'PodScheduled', status: 'False', message }] }, {});
  const text = await diagnose(fakeCluster({ objects: [unscheduled] }), DEPLOYMENT);
  assert.equal(
    text,
    `  pod web-1 cannot be scheduled: ${message}
    → The nodes are full: free some, add one, or lower its requests by a file in VALUES_DIR.`,
  );
});

test('an image that cannot be had is told once, by the innermost reason', async () => {
  const message =
    'Back-off pulling image "registry/app:1": ErrImagePull: failed to pull and unpack image "registry/app:1": failed to do request: no such host';
  const unpulled = pod('web-1', waiting('ImagePullBackOff', message));
  const events = [warning('web-1', 'Failed', 'Error: ImagePullBackOff')];
  const text = await diagnose(fakeCluster({ objects: [unpulled], events }), DEPLOYMENT);
  assert.match(text, /^ {2}pod web-1 on node-a cannot get the image registry\/app:1: ImagePullBackOff, no such host$/m);
  assert.match(text, /→ `make images`/);
  assert.doesNotMatch(text, /event/);
});

test('A container that ends is told with its exit code and the last lines of the run before', async () => {
  const crashing = pod('web-1', {
    containerStatuses: [
      {
        name: 'main',
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason: 'Error', exitCode: 2 } },
      },
    ],
  });
  const logs = { 'web-1/main/previous': 'starting\nthe configuration is wrong\n' };
  const text = await diagnose(fakeCluster({ objects: [crashing], logs }), DEPLOYMENT);
  assert.equal(
    text,
    `  pod web-1 on node-a ended 3 times (main: exit code 2)
    last lines of main:
      starting
      the configuration is wrong`,
  );
});

test('A container over its memory limit is named as such', () => {
  const status = {
    containerStatuses: [
      { name: 'main', restartCount: 1, state: {}, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
    ],
  };
  assert.match(troubleOf(pod('web-1', status))?.what ?? '', /ended 1 time .*more memory than its limit/);
});

test('A pod whose probe fails is told with its log', async () => {
  const unready = pod('web-1', {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'main', ready: false, state: { running: {} } }],
  });
  const text = await diagnose(fakeCluster({ objects: [unready], logs: { 'web-1/main': 'no broker yet' } }), DEPLOYMENT);
  assert.match(
    text,
    /runs but is not ready: its readiness probe fails \(main\)\n {4}last lines of main:\n {6}no broker yet/,
  );
});

test('A secret that is missing is explained', () => {
  const trouble = troubleOf(pod('web-1', waiting('CreateContainerConfigError', 'secret "producer" not found')));
  assert.match(trouble?.advice ?? '', /user operator/);
});

test('why there is no pod at all is told by what should have made it', async () => {
  const set: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-abc', labels: { app: 'x' } },
  };
  const events = [
    warning(
      'web-abc',
      'FailedCreate',
      'pods "web-abc-" is forbidden: violates PodSecurity "restricted:latest": hostPath',
    ),
  ];
  const text = await diagnose(fakeCluster({ objects: [set], events }), DEPLOYMENT);
  assert.match(text, /event FailedCreate: .*violates PodSecurity/);
  assert.match(text, /→ The namespace admits only pods of the level restricted:latest/);
});

test('events are told in the order of their time, each text once, warnings only', async () => {
  const unready = pod('web-1', waiting('CreateContainerError', 'x'));
  const events = [
    warning('web-1', 'B', 'later', '2026-01-01T00:00:02Z'),
    warning('web-1', 'A', 'earlier', '2026-01-01T00:00:01Z'),
    warning('web-1', 'A', 'earlier', '2026-01-01T00:00:03Z'),
    { ...warning('web-1', 'Normal', 'pulled'), type: 'Normal' },
    warning('other', 'C', 'of somebody else'),
  ];
  const text = await diagnose(fakeCluster({ objects: [unready], events }), DEPLOYMENT);
  assert.deepEqual(text.match(/event .*/g), ['event A: earlier', 'event B: later']);
});

test('when many pods have the same trouble, three are told', async () => {
  const pods = [1, 2, 3, 4, 5].map((index) => pod(`web-${index}`, waiting('CreateContainerError')));
  const text = await diagnose(fakeCluster({ objects: pods }), DEPLOYMENT);
  assert.equal(text.match(/^ {2}pod web-/gm)?.length, 3);
  assert.match(text, /and 2 more pods/);
});

test('what passes by itself is not worth a hint', async () => {
  const objects = [
    pod('web-1', waiting('ContainerCreating')),
    pod('web-2', waiting('CreateContainerConfigError', 'no secret')),
  ];
  assert.deepEqual(await hints(fakeCluster({ objects }), DEPLOYMENT), [
    'pod web-2 on node-a main: CreateContainerConfigError: no secret',
  ]);
});

test('init containers that ended well are no trouble', () => {
  const status = {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 0 } } }],
    containerStatuses: [{ name: 'main', ready: true, restartCount: 2, lastState: { terminated: { exitCode: 1 } } }],
  };
  assert.equal(troubleOf(pod('web-1', status)), undefined);
});
