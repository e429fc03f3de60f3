import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from './explain.ts';

const CASES: readonly (readonly [string, string, RegExp])[] = [
  [
    'A missing definition of the Prometheus operator',
    'Error: INSTALLATION FAILED: unable to build kubernetes objects from release manifest: resource mapping not found for name: "x" namespace: "y" from "": no matches for kind "ServiceMonitor" in version "monitoring.coreos.com/v1"\nensure CRDs are installed first',
    /^ {2}→ The cluster does not know ServiceMonitor: .*kube-prometheus-stack[\s\S]*SKIP/,
  ],
  [
    'A missing definition of Strimzi',
    'no matches for kind "Kafka" in version "kafka.strimzi.io/v1", no matches for kind "KafkaUser" in version "kafka.strimzi.io/v1"',
    /^ {2}→ The cluster does not know Kafka, KafkaUser: .*strimzi-kafka-operator/,
  ],
  [
    'A misspelt value',
    "Error: UPGRADE FAILED: values don't meet the specifications of the schema(s) in the following chart(s):\nsystem-monitoring:\n- at '/consumer': additional properties 'replica' not allowed",
    /'replica' not allowed\n.*→ A value has a name or a type/,
  ],
  [
    'A release that is locked',
    'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
    /helm rollback/,
  ],
  [
    'Something of somebody else',
    'Error: INSTALLATION FAILED: Unable to continue with install: ServiceAccount "loki" exists and cannot be imported into the current release: invalid ownership metadata',
    /SKIP=NAME/,
  ],
  [
    'A field that somebody changed by hand',
    'conflict occurred: Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
    /changed by kubectl-edit/,
  ],
  [
    'A field that never changes',
    'cannot patch "x" with kind Deployment: spec.selector: Invalid value: field is immutable',
    /does not let this field change/,
  ],
  [
    "A PriorityClass's value",
    'Error: UPGRADE FAILED: cannot patch "monitoring-nodes" with kind PriorityClass: PriorityClass.scheduling.k8s.io "monitoring-nodes" is invalid: value: Forbidden: may not be changed in an update.',
    /`kubectl delete priorityclass monitoring-nodes`/,
  ],
  [
    'A cluster that is away',
    'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": dial tcp: connection refused',
    /Is the cluster running/,
  ],
  ['A chart that cannot be downloaded', 'Error: failed to download "loki" at version "18.11.0"', /CHARTS_DIR=folder/],
];

for (const [what, stderr, expected] of CASES) {
  test(`${what} is explained`, () => assert.match(explain(stderr), expected));
}

test('what helm says is kept but for its warnings and prefixes', () => {
  const said = explain('level=WARN msg="this chart is deprecated"\nWARNING: x\nError: UPGRADE FAILED: something new\n');
  assert.equal(said, 'something new');
});
