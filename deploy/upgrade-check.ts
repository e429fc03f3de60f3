/**
 * `upgrade-check`: rehearses what an upgrade does, N-1 → N, on the current cluster and beside what runs there: in a namespace of its own with a Kafka
 * of its own the earlier chart is installed, upgraded to this one, and rolled back; after each step everything has to be ready and every
 * node has to report. Nothing of it is scraped, and all of it is removed at the end.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PipelineError } from '#runtime/errors.ts';
import { RELEASES } from '../cdk8s/releases/table.ts';
import { proxied } from './cluster.ts';
import { type Deployment, install } from './deploy.ts';
import { explain } from './explain.ts';
import { manifest, uninstall } from './helm.ts';
import { apply, documents } from './kubectl.ts';
import { parseManifest } from './manifests.ts';
import { namespace } from './namespaces.ts';
import type { KubeObject } from './objects.ts';
import { type Choices, type PlannedRelease, planned } from './plan.ts';
import { removeNamespace } from './purge.ts';
import type { Run } from './run.ts';
import { type Check, waitUntilReady } from './wait.ts';

const SCRATCH = 'upgrade-check';
const CHART = 'charts/system-monitoring';
const HTTP = 8080;

/** Values that keep the rehearsal apart from the deployment beside it: nobody scrapes it, nothing of the cluster's is claimed twice. */
const APART = {
  nameOverride: SCRATCH,
  clusterName: SCRATCH,
  kafka: { bootstrapServers: 'plain-kafka:9092' },
  serviceMonitor: { enabled: false },
  podMonitor: { enabled: false },
  prometheusRule: { enabled: false },
  dashboards: { enabled: false },
};

interface EarlierChart {
  readonly folder: string;
  /** Where it is from, unless the folder was named. */
  readonly tag: string | undefined;
  dispose(): void;
}

export async function upgradeCheck(
  deployment: Deployment,
  choices: Choices,
  { folder: previous, tag }: EarlierChart,
): Promise<void> {
  const { target, progress } = deployment;
  const [kafka, ours] = ['plain-kafka', 'system-monitoring'].map((name) => scratch(name, choices));
  if (kafka === undefined || ours === undefined)
    throw new PipelineError('DEPLOY', 'the table of releases lacks a chart of ours');
  const images = otherImages(
    readFileSync(join(previous, 'Chart.yaml'), 'utf8'),
    readFileSync(`${CHART}/Chart.yaml`, 'utf8'),
  );
  if (images !== undefined && target.context.startsWith('kind-')) {
    const how = `git worktree add ../earlier ${tag ?? 'TAG'} && make -C ../earlier images`;
    progress.say(`! the earlier chart takes images of version ${images}, which kind has to be given as well: ${how}`);
  }
  await apply(target, documents([namespace(SCRATCH, { enforce: 'privileged', warn: 'restricted' })]));
  try {
    progress.say(`Kafka of its own in the namespace ${SCRATCH}`);
    await install(deployment, kafka);
    progress.say(`the earlier chart: ${previous}`);
    await settle(deployment, () => install(deployment, { ...ours, chart: previous }));
    progress.say('upgraded to this one');
    await settle(deployment, () => install(deployment, ours));
    progress.say('rolled back');
    await settle(deployment, () => rollback(deployment, ours));
    progress.say('every node reported after each step');
  } finally {
    for (const release of [ours, kafka]) await uninstall(target, release);
    await removeNamespace(deployment, SCRATCH);
  }
}

function scratch(name: string, choices: Choices): PlannedRelease | undefined {
  const release = RELEASES.find((each) => each.name === name);
  if (release === undefined) return undefined;
  const plan = planned(release, { ...choices, set: undefined }, () => false);
  const values = name === 'system-monitoring' ? { ...plan.values, ...APART } : plan.values;
  return { ...plan, namespace: SCRATCH, values, scraped: false };
}

async function settle(deployment: Deployment, step: () => Promise<void>): Promise<void> {
  const start = deployment.clock.now();
  await step();
  await waitUntilReady(deployment, [], [everyNodeReports(deployment)]);
  deployment.progress.say(`  ready after ${Math.round((deployment.clock.now() - start) / 1000)} s`);
}

async function rollback(deployment: Deployment, { name, namespace }: PlannedRelease): Promise<void> {
  const { run, context } = deployment.target;
  const { code, stderr } = await run('helm', ['rollback', name, '--namespace', namespace, '--kube-context', context]);
  if (code !== 0) throw new PipelineError('DEPLOY', `helm rollback failed\n${explain(stderr)}`);
  const { stdout } = await manifest(deployment.target, { name, namespace });
  await waitUntilReady(deployment, parseManifest(stdout, namespace), []);
}

/** Asks every replica of the consumer, for each shows the nodes of its partitions. */
function everyNodeReports({ cluster }: Deployment): Check {
  const labels = 'app.kubernetes.io/component=consumer';
  return {
    what: 'every node',
    async missing() {
      const nodes = await cluster.list('v1', 'Node');
      const pods = await cluster.list('v1', 'Pod', { namespace: SCRATCH, labels });
      const pages = await Promise.all(pods.map((pod) => cluster.get(podPath(pod))));
      const up = new Set(pages.flatMap((page) => nodesUp(page ?? '')));
      const silent = nodes.map(({ metadata }) => metadata.name).filter((name) => !up.has(name));
      return silent.length === 0 ? undefined : `${up.size} of ${nodes.length} report; not ${silent.join(', ')}`;
    },
  };
}

const podPath = ({ metadata }: KubeObject): string =>
  proxied(SCRATCH, metadata.name, HTTP, '/metrics').replace('/services/', '/pods/');

/** The nodes whose sysmon_node_up is 1. */
export function nodesUp(metrics: string): readonly string[] {
  const lines = metrics.matchAll(/^sysmon_node_up\{(.*)\} 1$/gm);
  return [...lines].flatMap(([, labels = '']) => /(?:^|,)node="([^"]*)"/.exec(labels)?.[1] ?? []);
}

/** The version of the images that the earlier chart takes, if it is not this one's. Both are given as their Chart.yaml. */
export function otherImages(earlier: string, current: string): string | undefined {
  const [before, now] = [earlier, current].map((text) => (parse(text) as { appVersion: string }).appVersion);
  return before === now ? undefined : before;
}

/** The earlier chart: the folder that was named, or that of the last git tag. @throws PipelineError `CONFIG` if there is neither */
export async function earlierChart(run: Run, named: string | undefined): Promise<EarlierChart> {
  if (named !== undefined) {
    if (existsSync(join(named, 'Chart.yaml'))) return { folder: named, tag: undefined, dispose: () => undefined };
    throw new PipelineError('CONFIG', `PREVIOUS=${named}: expected the folder of a chart, found no Chart.yaml`);
  }
  const { code, stdout } = await run('git', ['describe', '--tags', '--abbrev=0', 'HEAD^']);
  const tag = stdout.trim();
  if (code !== 0) {
    const how = `git archive COMMIT ${CHART} | tar -x -C folder; then PREVIOUS=folder/${CHART}`;
    throw new PipelineError(
      'CONFIG',
      `git has no tag before this commit to upgrade from. Take the chart of a commit: ${how}`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'upgrade-check-'));
  const archive = await run('git', ['archive', '--format', 'tar', '--output', join(folder, 'chart.tar'), tag, CHART]);
  const unpacked = await run('tar', ['-x', '-f', join(folder, 'chart.tar'), '-C', folder]);
  if (archive.code !== 0 || unpacked.code !== 0) {
    rmSync(folder, { recursive: true });
    throw new PipelineError('CONFIG', `${tag} has no ${CHART}: ${archive.stderr}${unpacked.stderr}`);
  }
  return { folder: join(folder, CHART), tag, dispose: () => rmSync(folder, { recursive: true }) };
}
