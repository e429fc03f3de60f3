/** The services' own tables of settings judge what our charts put into their environment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Container, V1EnvVar, V1NetworkPolicyEgressRule } from '@kubernetes/client-node';
import { loadConfig, type SettingsTable } from '#runtime/config.ts';
import { CONSUMER_SETTINGS } from '../../services/consumer/settings.ts';
import { PRODUCER_SETTINGS } from '../../services/producer/settings.ts';
import { CASES, objectsOf, title } from './charts.ts';
import { containersOf, type Pod, podsOf, titleOf } from './pods.ts';
import { selects } from './references.ts';

const TABLES: Readonly<Record<string, SettingsTable>> = {
  producer: PRODUCER_SETTINGS,
  simulator: PRODUCER_SETTINGS,
  consumer: CONSUMER_SETTINGS,
};
/** What Node.js and the C library read. */
const NOT_OURS = ['NODE_OPTIONS', 'TZ'];
/** Files of the image. */
const IN_IMAGE = ['/etc/ssl/certs/ca-certificates.crt'];

interface Service {
  readonly pod: Pod;
  readonly container: V1Container;
  readonly table: SettingsTable;
  readonly env: Readonly<Record<string, string>>;
}

function servicesOf(pods: readonly Pod[]): readonly Service[] {
  return pods.flatMap((pod) =>
    containersOf(pod).flatMap((container) => {
      const table = TABLES[container.name];
      if (table === undefined) return [];
      return [{ pod, container, table, env: Object.fromEntries((container.env ?? []).map(asSet)) }];
    }),
  );
}

/** With a stand-in for what only the cluster knows. */
function asSet({ name, value, valueFrom }: V1EnvVar): [string, string] {
  return [name, valueFrom === undefined ? (value ?? '') : 'from-the-cluster'];
}

for (const each of CASES.filter(({ chart }) => chart === 'system-monitoring')) {
  const services = servicesOf(podsOf(objectsOf(each)));

  test(`${title(each)}: the services know every variable that they are given, and take its value`, () => {
    assert.ok(services.some(({ container }) => container.name === 'producer'));
    assert.ok(services.some(({ container }) => container.name === 'consumer'));
    for (const { pod, container, table, env } of services) {
      const unknown = Object.keys(env).filter((name) => !(name in table) && !NOT_OURS.includes(name));
      assert.deepEqual(unknown, [], titleOf(pod, container));
      assert.doesNotThrow(() => loadConfig(table, env), titleOf(pod, container));
      const names = (container.env ?? []).map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)], titleOf(pod, container));
    }
  });

  test(`${title(each)}: where policies close the network, the brokers' ports are open`, () => {
    const policies = objectsOf(each).filter(({ kind }) => kind === 'NetworkPolicy');
    for (const { pod, container, env } of policies.length === 0 ? [] : services) {
      const own = policies.filter(({ spec }) => selects(spec.podSelector, pod.labels));
      assert.equal(own.length, 1, titleOf(pod, container));
      const rules: readonly V1NetworkPolicyEgressRule[] = own[0]?.spec.egress;
      const open = rules.flatMap(({ ports = [] }) => ports.map(({ port }) => String(port)));
      for (const broker of env.KAFKA_BROKERS?.split(',') ?? []) {
        assert.ok(open.includes(broker.replace(/.*:/, '')), `${titleOf(pod, container)} may not reach ${broker}`);
      }
    }
  });

  test(`${title(each)}: they are probed, and scraped, at paths and ports that they serve`, () => {
    for (const { pod, container, table, env } of services) {
      const { LISTEN } = loadConfig({ LISTEN: table.LISTEN as SettingsTable[string] }, env);
      const { port } = LISTEN as { port: number };
      assert.deepEqual(container.ports, [{ name: 'http', containerPort: port }], titleOf(pod, container));
      const { startupProbe, livenessProbe, readinessProbe } = container;
      assert.equal(livenessProbe?.httpGet?.path, '/livez', titleOf(pod, container));
      assert.equal(readinessProbe?.httpGet?.path, '/readyz', titleOf(pod, container));
      assert.ok(startupProbe === undefined || startupProbe.httpGet?.path === '/livez', titleOf(pod, container));
    }
  });

  test(`${title(each)}: the files and directories that they are told of are mounted`, () => {
    for (const { pod, container, env } of services) {
      const mounts = (container.volumeMounts ?? []).map(({ mountPath }) => mountPath);
      for (const [name, value] of Object.entries(env)) {
        if (!value.startsWith('/') || IN_IMAGE.includes(value)) continue;
        const mounted = mounts.some((mount) => value === mount || value.startsWith(`${mount}/`));
        assert.ok(mounted, `${titleOf(pod, container)}: ${name}=${value} is on no volume`);
      }
    }
  });

  test(`${title(each)}: a full spool stays below the limit at which the kubelet would evict the pod`, () => {
    for (const { pod, container, env } of services.filter(({ env }) => env.SPOOL_DIR !== undefined)) {
      const mount = container.volumeMounts?.find(({ mountPath }) => env.SPOOL_DIR?.startsWith(mountPath));
      const volume = pod.template?.spec?.volumes?.find(({ name }) => name === mount?.name);
      assert.ok(mount && mount.readOnly !== true, `${titleOf(pod, container)}: SPOOL_DIR cannot be written`);
      if (volume?.emptyDir === undefined) continue;
      const limit = bytes(volume.emptyDir.sizeLimit);
      assert.ok(bytes(env.SPOOL_MAX_BYTES) * 1.25 <= limit, `${env.SPOOL_MAX_BYTES} of ${volume.emptyDir.sizeLimit}`);
      const storage = container.resources?.limits?.['ephemeral-storage'];
      if (storage !== undefined) assert.ok(bytes(storage) >= limit, `${storage} of ephemeral storage`);
    }
  });
}

/** A quantity with a binary suffix. */
function bytes(quantity: string | undefined): number {
  const [, amount, suffix = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity ?? '') ?? [];
  return Number(amount) * 1024 ** ['', 'Ki', 'Mi', 'Gi'].indexOf(suffix);
}
