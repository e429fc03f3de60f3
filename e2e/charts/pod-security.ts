/**
 * The Pod Security Standards as of Kubernetes 1.36: what the levels `baseline` and `restricted` refuse in a pod on Linux.
 * Pure: a pod in, the reasons against it out.
 *
 * Stricter than the API server in one thing: it spares pods with user namespaces (`hostUsers: false`) some of the controls.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { V1Container, V1LifecycleHandler, V1PodTemplateSpec, V1Probe, V1Volume } from '@kubernetes/client-node';

export type Level = 'baseline' | 'restricted';

export interface Violation {
  /** The control's name in the API server's own messages. */
  readonly control: string;
  /** `pod`, `container NAME`, `volume NAME` or `annotation NAME`. */
  readonly of: string;
}

export type PodTemplate = Pick<V1PodTemplateSpec, 'metadata' | 'spec'>;

type PodSpec = NonNullable<V1PodTemplateSpec['spec']>;

/** Both levels forbid what baseline does; restricted replaces a few of its controls by stricter ones. */
export function violationsOf(level: Level, template: PodTemplate): readonly Violation[] {
  const spec: PodSpec = template.spec ?? { containers: [] };
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  const found: Violation[] = [...annotations(template), ...baselinePod(spec)];
  for (const container of containers as readonly V1Container[]) {
    const of = `container ${container.name}`;
    const controls = level === 'baseline' ? baselineContainer(container) : restrictedContainer(container, spec);
    found.push(...[...new Set(controls)].map((control) => ({ control, of })));
  }
  const [control, forbidden] = VOLUME_CONTROL[level];
  const volumes = (spec.volumes ?? []).filter(forbidden).map(({ name }) => ({ control, of: `volume ${name}` }));
  return [...found, ...volumes];
}

const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];
const SELINUX_TYPES = ['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const PROFILES = ['RuntimeDefault', 'Localhost'];
const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];
const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const satisfies readonly (keyof V1Volume)[];

const VOLUME_CONTROL: Readonly<Record<Level, readonly [control: string, forbidden: (volume: V1Volume) => boolean]>> = {
  baseline: ['hostPathVolumes', ({ hostPath }) => hostPath !== undefined],
  restricted: ['restrictedVolumes', (volume) => !VOLUMES.some((kind) => volume[kind] !== undefined)],
};

/** What pods and containers may both set. */
type Shared = Pick<
  NonNullable<PodSpec['securityContext']>,
  'appArmorProfile' | 'runAsUser' | 'seLinuxOptions' | 'seccompProfile' | 'windowsOptions'
>;

function baselinePod(spec: PodSpec): Violation[] {
  const context = spec.securityContext ?? {};
  const controls = [...baselineShared(context)];
  if (spec.hostNetwork || spec.hostPID || spec.hostIPC) controls.push('hostNamespaces');
  if (context.sysctls?.some(({ name }) => !SYSCTLS.includes(name))) controls.push('sysctls');
  return controls.map((control) => ({ control, of: 'pod' }));
}

function* baselineShared(context: Shared): Generator<string> {
  if (context.appArmorProfile && !PROFILES.includes(context.appArmorProfile.type)) yield 'appArmorProfile';
  if (context.seccompProfile && !PROFILES.includes(context.seccompProfile.type)) yield 'seccompProfile';
  if (context.windowsOptions?.hostProcess) yield 'windowsHostProcess';
  const { type, user, role } = context.seLinuxOptions ?? {};
  if ((type && !SELINUX_TYPES.includes(type)) || user || role) yield 'seLinuxOptions';
}

function* baselineContainer(container: V1Container): Generator<string> {
  const context = container.securityContext ?? {};
  yield* baselineShared(context);
  if (context.privileged) yield 'privileged';
  if ((context.procMount ?? 'Default') !== 'Default') yield 'procMount';
  if (container.ports?.some(({ hostPort }) => hostPort)) yield 'hostPorts';
  if (context.capabilities?.add?.some((name) => !DEFAULT_CAPABILITIES.includes(name))) yield 'capabilities_baseline';
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  if (handlers.some(namesHost)) yield 'hostProbesAndHostLifecycle';
}

function namesHost(handler: V1Probe | V1LifecycleHandler | undefined): boolean {
  return Boolean(handler?.httpGet?.host || handler?.tcpSocket?.host);
}

function* restrictedContainer(container: V1Container, { securityContext: ofPod = {} }: PodSpec): Generator<string> {
  for (const control of baselineContainer(container)) {
    if (control === 'capabilities_baseline') continue;
    yield control;
  }
  const context = container.securityContext ?? {};
  if (context.allowPrivilegeEscalation !== false) yield 'allowPrivilegeEscalation';
  const { drop = [], add = [] } = context.capabilities ?? {};
  if (!drop.includes('ALL') || add.some((name) => name !== 'NET_BIND_SERVICE')) yield 'capabilities_restricted';
  // A pod that says false is refused even where every container says otherwise.
  if (ofPod.runAsNonRoot === false || (context.runAsNonRoot ?? ofPod.runAsNonRoot) !== true) yield 'runAsNonRoot';
  if (ofPod.runAsUser === 0 || context.runAsUser === 0) yield 'runAsUser';
  if ((context.seccompProfile ?? ofPod.seccompProfile) === undefined) yield 'seccompProfile';
}

/** The old way to choose profiles, still honoured. */
function annotations({ metadata }: PodTemplate): Violation[] {
  return Object.entries(metadata?.annotations ?? {})
    .filter(([name]) => name.startsWith('container.apparmor.security.beta.kubernetes.io/'))
    .filter(([, value]) => value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
    .map(([name]) => ({ control: 'appArmorProfile', of: `annotation ${name}` }));
}
