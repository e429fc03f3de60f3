import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from './object.ts';
import { looseEnds, selects } from './references.ts';

const LABELS = { app: 'x', component: 'consumer' };

function deployment(podSpec: object = {}): KubernetesObject {
  const ports = [{ name: 'http', containerPort: 8080 }];
  const container = { name: 'main', ports, readinessProbe: { httpGet: { path: '/readyz', port: 'http' } } };
  const template = { metadata: { labels: LABELS }, spec: { containers: [container], ...podSpec } };
  return object('Deployment', 'consumer', { selector: { matchLabels: LABELS }, template });
}

function object(kind: string, name: string, spec: object, labels: Record<string, string> = LABELS): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name, labels }, spec };
}

const service = object('Service', 'consumer', {
  selector: LABELS,
  ports: [{ name: 'http', port: 80, targetPort: 'http' }],
});

test('selectors choose by labels and by expressions', () => {
  const expression = (operator: string, ...values: string[]) => ({
    matchExpressions: [{ key: 'app', operator, values }],
  });
  assert.ok(selects(undefined, LABELS));
  assert.ok(selects({ matchLabels: { app: 'x' } }, LABELS));
  assert.ok(!selects({ matchLabels: { app: 'y' } }, LABELS));
  assert.ok(selects(expression('In', 'x', 'y'), LABELS));
  assert.ok(!selects(expression('NotIn', 'x'), LABELS));
  assert.ok(selects(expression('Exists'), LABELS));
  assert.ok(!selects(expression('DoesNotExist'), LABELS));
  assert.ok(!selects(expression('In', 'x'), {}));
  assert.ok(selects(expression('NotIn', 'x'), {}));
});

test('objects that find each other leave no loose end', () => {
  const monitor = object('ServiceMonitor', 'consumer', {
    selector: { matchLabels: LABELS },
    endpoints: [{ port: 'http' }],
  });
  const budget = object('PodDisruptionBudget', 'consumer', { selector: { matchLabels: LABELS } });
  assert.deepEqual(looseEnds([deployment(), service, monitor, budget]), []);
});

test('each reference that leads nowhere is told', () => {
  const nobody = { matchLabels: { app: 'y' } };
  const mounts = { volumes: [{ name: 'rules', configMap: { name: 'rules' } }], serviceAccountName: 'consumer' };
  const cases: readonly (readonly [KubernetesObject, string])[] = [
    [object('Service', 's', { selector: { app: 'y' }, ports: [] }), 'Service/s selects no pod'],
    [object('Service', 's', { selector: LABELS, ports: [{ port: 80 }] }), "Service/s port 80 is none of its pods'"],
    [object('PodDisruptionBudget', 'b', { selector: nobody }), 'PodDisruptionBudget/b selects pods of 0 workloads'],
    [object('PodMonitor', 'm', { selector: nobody, podMetricsEndpoints: [] }), 'PodMonitor/m selects no pod'],
    [
      object('PodMonitor', 'm', { selector: {}, podMetricsEndpoints: [{ port: 'web' }] }),
      "PodMonitor/m port web is none of its pods', PodMonitor/m scrapes nothing of the pods of Deployment/consumer",
    ],
    [object('ServiceMonitor', 'm', { selector: nobody, endpoints: [] }), 'ServiceMonitor/m selects 0 Services'],
    [object('NetworkPolicy', 'p', { podSelector: nobody }), 'NetworkPolicy/p selects no pod'],
    [
      object('NetworkPolicy', 'p', { podSelector: {}, egress: [{ to: [{ podSelector: nobody }] }] }),
      'NetworkPolicy/p has a peer that is no pod: {"matchLabels":{"app":"y"}}',
    ],
    [object('KafkaTopic', 't', {}), 'KafkaTopic/t is of Kafka undefined, which is not there'],
    [
      { ...object('ClusterRoleBinding', 'r', {}), roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [] },
      'ClusterRoleBinding/r names ClusterRole/r, which is not there',
    ],
    [
      { ...deployment(), metadata: { name: 'twin' } },
      'Deployment/twin selects the pods of Deployment/consumer, Deployment/consumer selects the pods of Deployment/twin',
    ],
  ];
  for (const [extra, expected] of cases) {
    assert.deepEqual(looseEnds([extra, deployment()]).join(', '), expected);
  }
  assert.deepEqual(looseEnds([deployment(mounts)]), [
    'Deployment/consumer volume rules is mounted nowhere',
    'Deployment/consumer mounts ConfigMap rules, which is not there',
    'Deployment/consumer has no ServiceAccount consumer',
  ]);
});
