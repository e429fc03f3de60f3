import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Level, type PodTemplate, violationsOf } from './pod-security.ts';

type Patch = Readonly<Record<string, unknown>>;

/** A pod that satisfies both levels, changed. */
function pod(ofPod: Patch = {}, ofContainer: Patch = {}, ofContext: Patch = {}): PodTemplate {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    ...ofContext,
  };
  const container = { name: 'main', image: 'x', securityContext, ...ofContainer };
  const context = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  return { spec: { securityContext: context, containers: [container], ...ofPod } };
}

function controls(level: Level, template: PodTemplate): string {
  return violationsOf(level, template)
    .map(({ control, of }) => `${control} ${of}`)
    .join(', ');
}

test('a pod with all that restricted asks for passes both levels, one that says nothing only baseline', () => {
  assert.equal(controls('baseline', pod()), '');
  assert.equal(controls('restricted', pod()), '');
  const silent: PodTemplate = { spec: { containers: [{ name: 'main', image: 'x' }] } };
  assert.equal(controls('baseline', silent), '');
  const missed = ['allowPrivilegeEscalation', 'capabilities_restricted', 'runAsNonRoot', 'seccompProfile'];
  assert.equal(controls('restricted', silent), missed.map((control) => `${control} container main`).join(', '));
});

const REFUSED_BY_BOTH: readonly (readonly [string, PodTemplate])[] = [
  ['hostNamespaces pod', pod({ hostNetwork: true })],
  ['hostNamespaces pod', pod({ hostPID: true })],
  ['hostNamespaces pod', pod({ hostIPC: true })],
  ['sysctls pod', podContext({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] })],
  ['seccompProfile pod', podContext({ seccompProfile: { type: 'Unconfined' } })],
  ['seLinuxOptions pod', podContext({ seLinuxOptions: { type: 'spc_t' } })],
  ['windowsHostProcess pod', podContext({ windowsOptions: { hostProcess: true } })],
  ['privileged container main', pod({}, {}, { privileged: true })],
  ['procMount container main', pod({}, {}, { procMount: 'Unmasked' })],
  ['appArmorProfile container main', pod({}, {}, { appArmorProfile: { type: 'Unconfined' } })],
  ['seLinuxOptions container main', pod({}, {}, { seLinuxOptions: { user: 'system_u' } })],
  ['hostPorts container main', pod({}, { ports: [{ containerPort: 80, hostPort: 80 }] })],
  [
    'hostProbesAndHostLifecycle container main',
    pod({}, { livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } }),
  ],
  [
    'hostProbesAndHostLifecycle container main',
    pod({}, { lifecycle: { preStop: { tcpSocket: { host: 'x', port: 1 } } } }),
  ],
  ['appArmorProfile annotation container.apparmor.security.beta.kubernetes.io/main', unconfined()],
];

function podContext(context: Patch): PodTemplate {
  const base = pod().spec?.securityContext;
  return pod({ securityContext: { ...base, ...context } });
}

function unconfined(): PodTemplate {
  const name = 'container.apparmor.security.beta.kubernetes.io/main';
  return { ...pod(), metadata: { annotations: { [name]: 'unconfined' } } };
}

test('what baseline refuses, restricted refuses by the same control', () => {
  for (const [expected, template] of REFUSED_BY_BOTH) {
    assert.equal(controls('baseline', template), expected);
    assert.equal(controls('restricted', template), expected);
  }
});

test('some is refused by restricted alone, or by a stricter control', () => {
  const volumes = (volume: Patch) => pod({ volumes: [{ name: 'data', ...volume }] });
  const root = pod({ securityContext: { runAsNonRoot: true, runAsUser: 0, seccompProfile: { type: 'Localhost' } } });
  const cases: readonly (readonly [baseline: string, restricted: string, PodTemplate])[] = [
    ['hostPathVolumes volume data', 'restrictedVolumes volume data', volumes({ hostPath: { path: '/' } })],
    ['', 'restrictedVolumes volume data', volumes({ nfs: { server: 'x', path: '/' } })],
    ['', '', volumes({ emptyDir: {} })],
    ['', 'runAsUser container main', root],
    ['', 'runAsNonRoot container main', pod({}, {}, { runAsNonRoot: false })],
    ['', 'allowPrivilegeEscalation container main', pod({}, {}, { allowPrivilegeEscalation: true })],
    ['', 'capabilities_restricted container main', pod({}, {}, { capabilities: { drop: ['ALL'], add: ['CHOWN'] } })],
    ['', 'capabilities_restricted container main', pod({}, {}, { capabilities: { drop: ['NET_RAW'] } })],
    ['', '', pod({}, {}, { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })],
    [
      'capabilities_baseline container main',
      'capabilities_restricted container main',
      pod({}, {}, { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
    ],
  ];
  for (const [baseline, restricted, template] of cases) {
    assert.equal(controls('baseline', template), baseline);
    assert.equal(controls('restricted', template), restricted);
  }
});

test('init containers are judged like the others', () => {
  const template = pod({ initContainers: [{ name: 'prepare', image: 'x', securityContext: { privileged: true } }] });
  assert.equal(controls('baseline', template), 'privileged container prepare');
  assert.match(controls('restricted', template), /allowPrivilegeEscalation container prepare/);
});
