/**
 * What a user cares about, in the cluster of CONTEXT or the current context: `make e2e`. It deploys, looks at the result as Prometheus
 * and Loki show it, does to the cluster what happens to clusters, asks the topic itself whether anything was lost, and takes
 * all away again (KEEP=1 leaves it). What `make deploy` is told, it is told as well: PROFILE, CHARTS_DIR and so on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#runtime/errors.ts';
import { configFor } from '../../deploy/cluster.ts';
import { chooseContext, contexts } from '../../deploy/context.ts';
import type { Query } from '../../grafana-dashboards/checks/model.ts';
import { type Absent, dashboardQueries, unanswered } from '../dashboards/answers.ts';
import { judge } from '../judge.ts';
import { eventually, run } from '../programs.ts';
import { connect } from './cluster.ts';
import { objectsOf, type Pod } from './objects.ts';
import { lokiOf, prometheusOf } from './queries.ts';
import { readTopic } from './topic.ts';

const RELEASE = 'system-monitoring';
const NAMESPACE = 'system-monitoring';
const PROMETHEUS = process.env.PROMETHEUS ?? 'monitoring/kube-prometheus-stack-prometheus:9090';
const LOKI = process.env.LOKI ?? 'monitoring/loki:3100';

const labelsOf = (component: string) =>
  `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component=${component}`;
const PRODUCER = `daemonsets/${RELEASE}-producer`;
const CONSUMER = `deployments/${RELEASE}-consumer`;
/** Longer than a session of the group, and a scrape before and after. */
const LONGEST_GAP_S = 45;
const WITHIN_MS = 5 * 60_000;
const began = Date.now();

const context = await chosenContext();
const cluster = connect(configFor(context));
const { pods, gone, nodes, restart, rolledOut, drain, uncordon, create, kill, names } = objectsOf(cluster, NAMESPACE);
const prometheus = prometheusOf(cluster, PROMETHEUS);
const loki = lokiOf(cluster, LOKI);

/** As `make deploy` chooses it, for what is broken here is no less: a cluster that is not of kind has to be named. */
async function chosenContext(): Promise<string> {
  try {
    return await chooseContext(contexts(), process.env.CONTEXT || undefined, undefined);
  } catch (error) {
    process.stderr.write(`✗ ${messageOf(error)}\n`);
    process.exit(2);
  }
}

async function command(program: string, args: readonly string[]): Promise<string> {
  // The story and what it starts work with one cluster, even if another becomes the current one meanwhile.
  const running = run(program, args, { CONTEXT: context });
  const { code } = await running.end();
  assert.equal(code, 0, `${program} ${args.join(' ')}:\n${running.stdout()}\n${running.stderr()}`);
  return running.stdout();
}
const deployment = (what: string) => command(process.execPath, ['deploy/main.ts', what]);
const helm = (...args: string[]) =>
  command('helm', [...args, '--namespace', NAMESPACE, '--kube-context', cluster.context]);
const upgrade = (...args: string[]) => helm('upgrade', RELEASE, `charts/${RELEASE}`, '--reuse-values', ...args);

/** What a producer's node says in a file, read in its container, where the node is mounted. */
function readOn(pod: Pod, path: string): Promise<string> {
  const script = `process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(`/host${path}`)}, 'utf8'))`;
  return cluster.exec(NAMESPACE, pod.metadata.name, 'producer', ['/nodejs/bin/node', '-e', script]);
}

/** The only value of a query about a node. */
async function sampleOf(metric: string, node: string, labels = ''): Promise<number> {
  const found = await prometheus.query(`${metric}{job="node-exporter",instance="${node}"${labels}}`);
  assert.equal(found.length, 1, `${metric} of ${node}: expected one series, got ${found.length}`);
  return found[0]?.points[0]?.[1] ?? Number.NaN;
}

/** Every node is in Prometheus, up, and its last event is young. */
const allNodesUp = () =>
  eventually(async () => {
    const wanted = (await nodes()).map(({ metadata }) => metadata.name).sort();
    const up = await prometheus.query('sysmon_node_up == 1 and on (node) sysmon_node_event_age_seconds < 30');
    assert.deepEqual([...new Set(up.map(({ metric }) => metric.node))].sort(), wanted);
  }, WITHIN_MS);

/** By what the consumers have told Prometheus since the beginning, or since Prometheus itself began. */
async function nothingLost(): Promise<void> {
  const lost = `max_over_time(sysmon_node_events_lost_total[${Math.ceil((Date.now() - began) / 1000)}s]) > 0`;
  assert.deepEqual(await prometheus.query(lost), []);
  assert.deepEqual(await prometheus.query('sysmon_producer_events_dropped_total > 0'), []);
  assert.deepEqual(await prometheus.query('sysmon_dead_letters_total > 0'), []);
}

const numberIn = (pattern: RegExp, content: string): number => Number(pattern.exec(content)?.[1] ?? Number.NaN);

test(`${RELEASE} in ${cluster.context}`, async (story) => {
  let failed = false;
  const chapter = (name: string, tell: () => Promise<unknown>) =>
    story.test(name, async () => {
      try {
        await tell();
      } catch (error) {
        failed = true;
        throw error;
      }
    });
  await chapter('it is deployed, and every node is up in Prometheus', async () => {
    await deployment('deploy');
    await allNodesUp();
  });
  if (failed) return;

  await chapter('a second deployment changes nothing', async () => {
    const before = (await pods(`app.kubernetes.io/instance=${RELEASE}`)).map(({ metadata }) => metadata.name).sort();
    await deployment('deploy');
    const after = (await pods(`app.kubernetes.io/instance=${RELEASE}`)).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(after, before);
  });

  await chapter("each node's series are what its kernel says, under the labels that dashboards expect", async () => {
    const compare = async (pod: Pod) => {
      const node = pod.spec.nodeName ?? '';
      const load = await prometheus.query(`node_load1{node="${node}"}`);
      const { __name__, cluster: name, ...labels } = load[0]?.metric ?? {};
      assert.deepEqual(labels, { job: 'node-exporter', instance: node, node }, `labels of ${__name__} of ${name}`);

      const memory = numberIn(/MemTotal: +(\d+) kB/, await readOn(pod, '/proc/meminfo'));
      assert.equal(await sampleOf('node_memory_MemTotal_bytes', node), memory * 1024);
      assert.equal(
        await sampleOf('node_boot_time_seconds', node),
        numberIn(/^btime (\d+)/m, await readOn(pod, '/proc/stat')),
      );

      // Counters move: what is scraped after a look lies between that look and the next.
      for (const [metric, selector, path, pattern] of [
        ['node_context_switches_total', '', '/proc/stat', /^ctxt (\d+)/m],
        ['node_network_receive_bytes_total', ',device="eth0"', '/proc/1/net/dev', /eth0: *(\d+)/],
      ] as const) {
        const first = numberIn(pattern, await readOn(pod, path));
        const seen = await eventually(async () => {
          const value = await sampleOf(metric, node, selector);
          assert.ok(value >= first, `${metric} of ${node}: ${value} in Prometheus, ${first} on the node before`);
          return value;
        }, WITHIN_MS);
        const second = numberIn(pattern, await readOn(pod, path));
        assert.ok(seen <= second, `${metric} of ${node}: ${seen} in Prometheus, ${second} on the node after`);
      }
    };
    await Promise.all((await pods(labelsOf('producer'))).map(compare));
  });

  await chapter('each producer has proven that what it sees is its node', async () => {
    const wrong = await prometheus.query('sysmon_host_view_ok == 0');
    assert.deepEqual(wrong, []);
    const proven = await prometheus.query('count by (node) (sysmon_host_view_ok == 1)');
    assert.equal(proven.length, (await nodes()).length);
  });

  await chapter(
    'every pod passes the level restricted, but for the volumes by which producers see their nodes',
    async () => {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      const path = `/api/v1/namespaces/${NAMESPACE}`;
      const { warnings } = await cluster.send('PATCH', path, { metadata: { labels } }, true);
      const violations = warnings.filter((warning) => !warning.startsWith('existing pods'));
      assert.equal(violations.length, 1, violations.join('\n'));
      assert.match(
        violations[0] ?? '',
        /^system-monitoring-producer-\S+( \(and \d+ other pods?\))?: restricted volume types$/,
      );
    },
  );

  await chapter('helm test passes', () => helm('test', RELEASE, '--timeout', '5m'));

  await chapter(
    'a busy pod raises an alert, which Loki has under its labels, which resolves, and which every query of the dashboards finds',
    async () => {
      const start = Date.now();
      const alone = ['--set', 'consumer.rules.default=false'];
      await upgrade(...alone, '--set-file', 'consumer.rules.inline=e2e/cluster/busy.rules.yaml');
      await rolledOut(CONSUMER);
      const [consumer] = await pods(labelsOf('consumer'));
      const node = consumer?.spec.nodeName ?? '';
      await create(busyPod(node, await imageOf('consumer')));
      const told = (state: string) =>
        eventually(async () => {
          const selector = `{namespace="${NAMESPACE}",event="alert",state="${state}",severity="warning"}`;
          const lines = await loki.query(`${selector} | alert="E2eBusy" | node="${node}"`, (Date.now() - start) / 1000);
          assert.notEqual(lines.length, 0, `no line of ${selector} about ${node} in Loki`);
          return JSON.parse(lines[0]?.line ?? '') as { alertId: string; cluster: string; value: number };
        }, WITHIN_MS);
      const firing = await told('firing');
      assert.ok(firing.value < 0.2);
      await kill('e2e-busy');
      const resolved = await told('resolved');
      assert.equal(resolved.alertId, firing.alertId);

      // The one alert is a warning.
      const absent: Absent = ['critical', 'info'].map((severity) => [
        `System monitoring / Node / annotation Alerts: ${severity}`,
        `no alert of severity ${severity} was raised`,
      ]);
      const seconds = Math.ceil((Date.now() - start) / 1000);
      const choices = { cluster: firing.cluster, node, rateInterval: '5m', range: `${seconds}s` };
      const answered = new Map<Query, number>();
      for (const query of dashboardQueries('logql', choices)) answered.set(query, await loki.count(query, seconds));
      assert.deepEqual(unanswered(answered, absent), []);
    },
  );

  await chapter('helm rollback takes the rule away again', async () => {
    await helm('rollback', RELEASE, '--wait', '--timeout', '5m');
    await rolledOut(CONSUMER);
    await allNodesUp();
  });

  const disturbed = Date.now();
  await chapter('helm upgrade --set consumer.replicas=3, and back: nodes move to the third and from it', async () => {
    for (const replicas of ['3', '2']) {
      await upgrade('--set', `consumer.replicas=${replicas}`);
      await rolledOut(CONSUMER);
      await eventually(async () => {
        const owners = await prometheus.query('sysmon_partitions_owned > 0');
        assert.equal(owners.length, Number(replicas));
      }, WITHIN_MS);
      await allNodesUp();
    }
  });

  await chapter('consumers roll', async () => {
    await restart(CONSUMER);
    await rolledOut(CONSUMER);
    await allNodesUp();
  });

  await chapter('meanwhile no series was doubled or went missing, and rate() was right throughout', async () => {
    const seconds = Math.round((Date.now() - disturbed) / 1000);
    // A CPU has a second in each second. Prometheus extrapolates over a scrape that has found nothing, which moves the rate
    // a little; what two replicas show at once, or what is counted from 0 again, moves it by orders of magnitude.
    const cpu = 'sum by (instance, cpu) (rate(node_cpu_seconds_total{job="node-exporter"}[2m]))';
    for (const { metric, points } of await prometheus.range(cpu, seconds, 5)) {
      for (const [time, value] of points) {
        assert.ok(value > 0.6 && value < 1.4, `CPU ${metric.cpu} of ${metric.instance}: ${value} s/s at ${time}`);
      }
    }
    const resets = `resets(node_cpu_seconds_total{job="node-exporter",mode!="idle",mode!="iowait"}[${seconds}s]) > 0`;
    assert.deepEqual(await prometheus.query(resets), []);
    const doubled = `max_over_time((count by (instance) (node_load1{job="node-exporter"}))[${seconds}s:5s]) > 1`;
    assert.deepEqual(await prometheus.query(doubled), []);
    for (const { metric, points } of await prometheus.query(`node_load1{job="node-exporter"}[${seconds}s]`)) {
      for (const [i, [time]] of points.entries()) {
        const gap = time - (points[i - 1]?.[0] ?? time);
        assert.ok(gap <= LONGEST_GAP_S, `${metric.instance} is missing for ${gap} s before ${time}`);
      }
    }
  });

  await chapter('producers roll', async () => {
    await restart(PRODUCER);
    await rolledOut(PRODUCER);
    await allNodesUp();
  });

  await chapter('a node is drained of all but what is bound to its volumes', async () => {
    // Prometheus may have to go as well, and what it has seen with it.
    await nothingLost();
    const [consumer] = await pods(labelsOf('consumer'));
    const node = consumer?.spec.nodeName ?? '';
    try {
      const evicted = await drain(node);
      assert.ok(evicted.includes(`${NAMESPACE}/${consumer?.metadata.name}`), `evicted: ${evicted}`);
      await rolledOut(CONSUMER);
      await allNodesUp();
    } finally {
      await uncordon(node);
    }
  });

  const broker =
    (await pods('app.kubernetes.io/name=plain-kafka'))[0] ?? (await pods('strimzi.io/broker-role=true'))[0];
  await chapter('a broker is killed', async () => {
    assert.ok(broker !== undefined, `no broker in ${NAMESPACE}`);
    await kill(broker.metadata.name);
    await gone(broker);
    await eventually(async () => {
      const again = await cluster.get<Pod>(`/api/v1/namespaces/${NAMESPACE}/pods/${broker.metadata.name}`);
      const ready = again.status.conditions?.find(({ type }) => type === 'Ready');
      assert.equal(ready?.status, 'True', `${broker.metadata.name} is not ready again`);
    }, WITHIN_MS);
    await allNodesUp();
  });

  await chapter('nothing was lost: so say the consumers', nothingLost);

  await chapter('nothing was lost: so says the topic', async () => {
    assert.ok(broker !== undefined, `no broker in ${NAMESPACE}`);
    const { records, lost, reordered, duplicated, epochs } = judge(await readTopic(cluster, NAMESPACE, broker));
    assert.deepEqual({ lost, reordered }, { lost: [], reordered: 0 });
    assert.equal(epochs.size, (await nodes()).length);
    assert.ok(records > 100, `only ${records} records`);
    story.diagnostic(`${records} records of ${epochs.size} nodes: 0 lost, 0 reordered, ${duplicated} duplicated`);
  });

  // What has failed is best looked at where it stands.
  if (failed || process.env.KEEP === '1') return;
  await chapter('it is removed, and nothing of it stays but what holds data', async () => {
    await deployment('undeploy');
    const kinds = [
      ...['pods', 'services', 'configmaps', 'secrets', 'serviceaccounts'].map((kind) => `v1/${kind}`),
      ...['deployments', 'daemonsets', 'statefulsets', 'replicasets'].map((kind) => `apps/v1/${kind}`),
      ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
        (kind) => `rbac.authorization.k8s.io/v1/${kind}`,
      ),
      ...['servicemonitors', 'podmonitors', 'prometheusrules'].map((kind) => `monitoring.coreos.com/v1/${kind}`),
      'policy/v1/poddisruptionbudgets',
      'networking.k8s.io/v1/networkpolicies',
      'scheduling.k8s.io/v1/priorityclasses',
    ];
    await eventually(async () => {
      assert.deepEqual(await names(kinds, `app.kubernetes.io/part-of=${RELEASE}`), []);
    }, WITHIN_MS);
  });
});

async function imageOf(component: string): Promise<string> {
  const workload = await cluster.get<{ spec: { template: { spec: { containers: readonly { image: string }[] } } } }>(
    `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${RELEASE}-${component}`,
  );
  return workload.spec.template.spec.containers[0]?.image ?? '';
}

/** Keeps every CPU of a node busy, as long as it lives. */
function busyPod(node: string, image: string): object {
  const script =
    'const { Worker } = require("node:worker_threads"); ' +
    'for (let i = 0; i < require("node:os").cpus().length * 2; i++) new Worker("for (;;);", { eval: true });';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'e2e-busy' },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'busy',
          image,
          command: ['/nodejs/bin/node', '-e', script],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
