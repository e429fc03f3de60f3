import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canMove, type Pod } from './objects.ts';

const CASES: readonly [string, string | undefined, Partial<Pod['spec']>, string, boolean][] = [
  ['a pod of a Deployment', 'ReplicaSet', { volumes: [{}] }, 'Running', true],
  ['a pod of a StatefulSet without volumes', 'StatefulSet', {}, 'Running', true],
  ['a pod with a volume', 'StrimziPodSet', { volumes: [{}, { persistentVolumeClaim: {} }] }, 'Running', false],
  ['a pod with a volume for its own life', 'ReplicaSet', { volumes: [{ ephemeral: {} }] }, 'Running', false],
  ['a pod of a DaemonSet', 'DaemonSet', {}, 'Running', false],
  ['a static pod', 'Node', {}, 'Running', false],
  ['a pod that nothing would make again', undefined, {}, 'Running', false],
  ['a pod that has ended', 'Job', {}, 'Succeeded', false],
];
for (const [what, owner, spec, phase, expected] of CASES) {
  test(`A drain ${expected ? 'moves' : 'leaves'} ${what}`, () => {
    const ownerReferences = owner === undefined ? [] : [{ kind: owner, controller: true }];
    assert.equal(canMove({ metadata: { name: 'x', uid: 'x', ownerReferences }, spec, status: { phase } }), expected);
  });
}
