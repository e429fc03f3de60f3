/** `deploy`: every release of the plan in its order, each waited for before the next. Running it again changes only what is different. */

import { PipelineError } from '#runtime/errors.ts';
import { MONITORING } from '../cdk8s/releases/names.ts';
import { type Cluster, proxied } from './cluster.ts';
import { diagnose } from './diagnosis.ts';
import { explain } from './explain.ts';
import { definitions, manifest, type Target, upgrade } from './helm.ts';
import { apply, documents } from './kubectl.ts';
import { parseManifest } from './manifests.ts';
import { planNamespaces } from './namespaces.ts';
import { type KubeObject, title } from './objects.ts';
import type { PlannedRelease } from './plan.ts';
import { elapsed, type Progress } from './progress.ts';
import { missing } from './readiness.ts';
import { scrapeChecks } from './scraping.ts';
import { type Check, type Clock, waitUntilReady } from './wait.ts';

export interface Deployment {
  readonly target: Target;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly timeoutMs: number;
}

/** @throws PipelineError `DEPLOY` that says which release, and why */
export async function deploy(deployment: Deployment, releases: readonly PlannedRelease[]): Promise<void> {
  const { target, cluster, progress, clock } = deployment;
  const { apply: wanted, notes } = await planNamespaces(cluster, [
    ...new Set(releases.map(({ namespace }) => namespace)),
  ]);
  if (wanted.length > 0) await apply(target, documents(wanted));
  for (const note of notes) progress.say(`! ${note}`);
  for (const [index, release] of releases.entries()) {
    const start = clock.now();
    progress.say(`[${index + 1}/${releases.length}] ${release.name} ${version(release)} → ${release.namespace}`);
    await install(deployment, release);
    progress.say(`  ready, took ${elapsed(clock.now() - start)}`);
  }
}

/** One release: its definitions, itself, and the wait until it does its work. */
export async function install(deployment: Deployment, release: PlannedRelease): Promise<void> {
  const { target, cluster, progress } = deployment;
  if (release.definitions) await applyDefinitions(deployment, release);
  progress.waiting(`  helm upgrade --install ${release.name}`);
  const outcome = await upgrade(target, release, deployment.timeoutMs);
  if (outcome.code !== 0) {
    const unready = await troubleIn(cluster, release.namespace);
    throw new PipelineError('DEPLOY', [`${release.name}: helm failed`, explain(outcome.stderr), ...unready].join('\n'));
  }
  const objects = parseManifest((await manifest(target, release)).stdout, release.namespace);
  const scraped = release.scraped === true ? await scrapeChecks(cluster, objects) : [];
  const checks = [...answerChecks(cluster, release), ...scraped];
  try {
    await waitUntilReady(deployment, objects, checks);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    throw new PipelineError(error.code, `${release.name}: ${error.message}`, { cause: error });
  }
}

/** Helm installs definitions once and never again: an upgrade of the chart would find the old ones. */
async function applyDefinitions({ target, progress }: Deployment, release: PlannedRelease): Promise<void> {
  progress.waiting(`  definitions (CRDs) of ${release.name}`);
  const { code, stdout, stderr } = await definitions(target, release);
  if (code !== 0) throw new PipelineError('DEPLOY', `${release.name}: its chart cannot be read\n${explain(stderr)}`);
  const count = await apply(target, stdout);
  progress.say(`  ${count} definitions (CRDs) are up to date`);
}

function answerChecks(cluster: Cluster, { name, namespace, answers }: PlannedRelease): readonly Check[] {
  if (answers === undefined) return [];
  const { service, port, path } = answers;
  return [
    {
      what: name,
      missing: async () =>
        (await cluster.get(proxied(namespace, service, port, path))) === undefined
          ? `no answer from service ${service}:${port}${path}`
          : undefined,
    },
  ];
}

/** When helm itself gives up, such as on a job of the chart: what is not well in that namespace. */
async function troubleIn(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const kinds = [
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['batch/v1', 'Job'],
  ] as const;
  const found: string[] = [];
  for (const [apiVersion, kind] of kinds) {
    for (const object of await cluster.list(apiVersion, kind, { namespace })) {
      const why = kind === 'Job' ? unfinished(object) : missing(object);
      if (why !== undefined) found.push('', `${title(object)}: ${why}`, await diagnose(cluster, object));
    }
  }
  return found;
}

function unfinished({ status }: KubeObject): string | undefined {
  return (status?.succeeded ?? 0) > 0 ? undefined : 'it has not ended';
}

export const version = ({ home }: PlannedRelease): string => ('folder' in home ? `(${home.folder})` : home.version);

/** What to do next, at the end. */
export async function farewell({ cluster, target }: Deployment, releases: readonly PlannedRelease[]): Promise<string> {
  const context = `--context ${target.context}`;
  const ours = releases.find(({ name }) => name === 'system-monitoring');
  const lines: string[] = [];
  const grafana = await grafanaOf(cluster);
  if (grafana !== undefined) {
    const secret = `kubectl get secret ${grafana} --namespace ${MONITORING} ${context} --output jsonpath='{.data.admin-password}' | base64 --decode; echo`;
    lines.push('Grafana   make open, then http://127.0.0.1:3000', 'user      admin', `password  ${secret}`);
  } else {
    lines.push(
      'There is no Grafana in this deployment: make open shows what the consumer serves, http://127.0.0.1:3000/metrics',
    );
  }
  if (ours !== undefined) {
    const pods = `--namespace ${ours.namespace} ${context}`;
    lines.push(
      `pods      kubectl get pods ${pods} --output wide`,
      `alerts    kubectl logs ${pods} --selector app.kubernetes.io/component=consumer --follow | grep '"event":"alert"'`,
      `test      helm test ${ours.name} --namespace ${ours.namespace} --kube-context ${target.context}`,
    );
  }
  return lines.join('\n');
}

/** The name of Grafana's service, which is that of its secret, too. */
export async function grafanaOf(cluster: Cluster): Promise<string | undefined> {
  const labels = 'app.kubernetes.io/name=grafana';
  const [service] = await cluster.list('v1', 'Service', { namespace: MONITORING, labels });
  return service?.metadata.name;
}
