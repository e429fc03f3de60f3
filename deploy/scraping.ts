/** Whether Prometheus has found what a release wants to have scraped, and got it. */
import { MONITORING, PROMETHEUS } from '../cdk8s/releases/names.ts';
import { type Cluster, proxied } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import type { Missing } from './readiness.ts';
import type { Check } from './wait.ts';

interface Target {
  readonly scrapePool: string;
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One check for each monitor of a release; none where Prometheus is somebody else's, which we do not know how to ask. */
export async function scrapeChecks(cluster: Cluster, objects: readonly KubeObject[]): Promise<readonly Check[]> {
  const service = { name: PROMETHEUS.service, namespace: MONITORING };
  if ((await cluster.read({ apiVersion: 'v1', kind: 'Service', metadata: service })) === undefined) return [];
  return objects.filter(isMonitor).map((monitor) => ({
    what: `Prometheus' targets of ${monitor.kind} ${monitor.metadata.name}`,
    missing: async () => judgeTargets(monitor, await activeTargets(cluster)),
  }));
}

const isMonitor = ({ kind }: KubeObject): boolean => kind === 'ServiceMonitor' || kind === 'PodMonitor';

/** @param targets `undefined`: Prometheus does not answer */
export function judgeTargets({ kind, metadata }: KubeObject, targets: readonly Target[] | undefined): Missing {
  if (targets === undefined) return 'Prometheus does not answer';
  // The name that the operator gives to what it makes of a monitor.
  const pool = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}/${metadata.namespace}/${metadata.name}/`;
  const ours = targets.filter(({ scrapePool }) => scrapePool.startsWith(pool));
  if (ours.length === 0) return 'Prometheus has not found any yet';
  const down = ours.filter(({ health }) => health !== 'up');
  const [first] = down;
  if (first === undefined) return undefined;
  const why = first.lastError === '' ? 'not scraped yet' : first.lastError;
  return `${ours.length - down.length} of ${ours.length} up; ${first.labels.pod ?? first.labels.instance}: ${why}`;
}

async function activeTargets(cluster: Cluster): Promise<readonly Target[] | undefined> {
  const path = '/api/v1/targets?state=active';
  const answer = await cluster.get(proxied(MONITORING, PROMETHEUS.service, PROMETHEUS.port, path));
  if (answer === undefined) return undefined;
  return (JSON.parse(answer) as { data: { activeTargets: readonly Target[] } }).data.activeTargets;
}
