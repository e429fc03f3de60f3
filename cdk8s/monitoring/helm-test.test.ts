import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ask, checkConsumer, checkLoki, checkPrometheus, nodesWithProducer, type Settings } from './helm-test.mts';

const SETTINGS: Settings = {
  cluster: 'a',
  namespace: 'ns',
  daemonSet: 'x-producer',
  producers: 'app.kubernetes.io/component=producer',
  consumer: { host: 'x-consumer.ns.svc', port: '8080' },
  prometheusUrl: undefined,
  lokiUrl: undefined,
};

const up = (node: string, value = 1) => `sysmon_node_up{cluster="a",node="${node}"} ${value}\n`;

/** Answers by the beginning of the address. */
function answering(answers: Readonly<Record<string, unknown>>): Ask {
  return async (url) => {
    const key = Object.keys(answers).find((start) => url.startsWith(start));
    if (key === undefined) throw new Error(`nobody answers at ${url}`);
    return answers[key];
  };
}

function kubernetes(wanted: number, ready: number, ...nodes: (string | undefined)[]): Ask {
  return answering({
    '/apis/apps/v1/namespaces/ns/daemonsets/x-producer': {
      status: { desiredNumberScheduled: wanted, numberReady: ready },
    },
    '/api/v1/namespaces/ns/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Dproducer': {
      items: [
        ...nodes.map((nodeName) => ({ metadata: {}, spec: { nodeName } })),
        { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: { nodeName: 'leaving' } },
      ],
    },
  });
}

test('the nodes are those with a producer that is not about to end', async () => {
  assert.deepEqual(await nodesWithProducer(SETTINGS, kubernetes(2, 2, 'n2', 'n1')), ['n1', 'n2']);
});

test('a producer that is not ready, or no node for one, is told', async () => {
  await assert.rejects(nodesWithProducer(SETTINGS, kubernetes(3, 2, 'n1', 'n2')), /2 of 3 producers are ready/);
  await assert.rejects(nodesWithProducer(SETTINGS, kubernetes(0, 0)), /finds no node to run on/);
});

test('every node has to be up by exactly one replica', async () => {
  const replicas = ['http://1', 'http://2'];
  const check = (one: string, two: string) =>
    checkConsumer(SETTINGS, ['n1', 'n2'], replicas, async (url) => (url === 'http://1/metrics' ? one : two));
  assert.match(await check(up('n1'), up('n2')), /2 nodes are up, each by one of 2 replicas/);
  await assert.rejects(check(up('n1') + up('n2', 0), ''), /is not: n2 by 0/);
  await assert.rejects(check(up('n1') + up('n2'), up('n1')), /is not: n1 by 2/);
  await assert.rejects(check(up('n1'), '# sysmon_node_up{cluster="b",node="n2"} 1\n'), /n2 by 0/);
});

test("Prometheus has to have each node's series once, as node_exporter's", async () => {
  const check = (...metrics: Record<string, string>[]) =>
    checkPrometheus(
      SETTINGS,
      ['n1'],
      answering({
        'http://p/api/v1/query?query=node_load1%7Bjob%3D%22node-exporter%22%2Ccluster%3D%22a%22%7D': {
          data: { result: metrics.map((metric) => ({ metric })) },
        },
      }),
      'http://p',
    );
  assert.match(await check({ instance: 'n1' }, { instance: 'gone' }), /series of 1 nodes/);
  await assert.rejects(check({ instance: 'n2' }), /0 series for n1/);
  await assert.rejects(check({ instance: 'n1' }, { instance: 'n1', pod: 'x' }), /2 series for n1/);
  await assert.rejects(check({ instance: 'n1', pod: 'x' }), /carries the consumer's labels/);
});

test("Loki has to have the consumer's log", async () => {
  const check = (...data: unknown[]) =>
    checkLoki(SETTINGS, answering({ 'http://l/loki/api/v1/series?match[]=': { data } }), 'http://l', 0);
  assert.match(await check({ pod: 'x' }), /Loki has the log/);
  await assert.rejects(check(), /no stream \{namespace="ns",container="consumer"\}/);
});
