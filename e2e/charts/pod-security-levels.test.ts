/** Which Pod Security level would admit the pods of our charts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CASES, objectsOf, title } from './charts.ts';
import { idOf } from './object.ts';
import { type Violation, violationsOf } from './pod-security.ts';
import { type Pod, podsOf } from './pods.ts';

function ownPods(objects: Parameters<typeof podsOf>[0]): readonly (Pod & Required<Pick<Pod, 'template'>>)[] {
  return podsOf(objects).filter((pod) => pod.template !== undefined) as never;
}

function isProducer({ labels, of }: Pod): boolean {
  return labels['app.kubernetes.io/component'] === 'producer' && of.kind === 'DaemonSet';
}

/** Containers whose image writes to its own file system: Kafka's makes its configuration there when it starts. */
const WRITES_TO_ITS_ROOT = ['StatefulSet/plain-kafka kafka'];

/** The init container that makes a directory of the node the producer's, where values ask for it: only root may. */
const PREPARATION = {
  cases: ['system-monitoring with everything values'],
  violations: ['capabilities_restricted', 'runAsNonRoot', 'runAsUser'].map((control) => ({
    control,
    of: 'container prepare-spool',
  })),
};

/** Volumes of the host, which restricted refuses. */
function hostVolumes({ template }: Pod): readonly Violation[] {
  return (template?.spec?.volumes ?? [])
    .filter(({ hostPath }) => hostPath !== undefined)
    .map(({ name }) => ({ control: 'restrictedVolumes', of: `volume ${name}` }));
}

for (const each of CASES) {
  const pods = ownPods(objectsOf(each));

  test(`${title(each)}: restricted would admit every pod, but for the producer's volumes of the host`, () => {
    for (const pod of pods) {
      const prepared = PREPARATION.cases.includes(title(each)) ? PREPARATION.violations : [];
      const expected = isProducer(pod) ? [...prepared, ...hostVolumes(pod)] : [];
      assert.deepEqual(violationsOf('restricted', pod.template), expected, idOf(pod.of));
    }
  });

  test(`${title(each)}: no pod shares a namespace of the host, writes to its own root or gets a token that it does not use`, () => {
    for (const { of, template } of pods) {
      const { spec } = template;
      assert.ok(spec, idOf(of));
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
        assert.ok(!spec[field], `${idOf(of)} ${field}`);
      assert.equal(spec.automountServiceAccountToken, false, idOf(of));
      for (const { name, securityContext } of [...(spec.initContainers ?? []), ...spec.containers]) {
        const container = `${idOf(of)} ${name}`;
        const expected = WRITES_TO_ITS_ROOT.includes(container) ? undefined : true;
        assert.equal(securityContext?.readOnlyRootFilesystem, expected, container);
      }
    }
  });

  test(`${title(each)}: service accounts give no token to pods that do not ask for it`, () => {
    const accounts = objectsOf(each).filter(({ kind }) => kind === 'ServiceAccount');
    for (const account of accounts) assert.equal(account.automountServiceAccountToken, false, idOf(account));
  });

  test(`${title(each)}: what is mounted of the host cannot be written`, () => {
    for (const pod of pods) {
      const volumes = new Map((pod.template.spec?.volumes ?? []).map((volume) => [volume.name, volume]));
      for (const { name, volumeMounts = [] } of pod.template.spec?.containers ?? []) {
        const ofHost = volumeMounts.filter(
          (mount) => volumes.get(mount.name)?.hostPath !== undefined && mount.name !== 'spool',
        );
        for (const mount of ofHost) assert.equal(mount.readOnly, true, `${idOf(pod.of)} ${name} ${mount.mountPath}`);
      }
    }
  });
}

test('restricted would admit all of the pods where nothing of the host is mounted', () => {
  const [without] = CASES.filter(({ chart, values }) => chart === 'system-monitoring' && values === 'hostpath-none');
  assert.ok(without);
  const pods = ownPods(objectsOf(without));
  assert.ok(pods.some(isProducer));
  for (const { of, template } of pods) assert.deepEqual(violationsOf('restricted', template), [], idOf(of));
});

test("the producer's volumes of the host are what restricted refuses by default", () => {
  const [byDefault] = CASES.filter(({ chart, values }) => chart === 'system-monitoring' && values === 'default');
  assert.ok(byDefault);
  const [producer] = ownPods(objectsOf(byDefault)).filter(isProducer);
  assert.ok(producer);
  assert.deepEqual(
    violationsOf('restricted', producer.template).map(({ of }) => of),
    ['volume root', 'volume proc', 'volume sys'],
  );
});
