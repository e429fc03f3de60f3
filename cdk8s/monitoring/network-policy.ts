/**
 * One policy for each component, of both directions: what it does not list is denied.
 *
 *   Prometheus ──► producer, consumer     the port of /metrics
 *   producer, consumer ──► DNS, Kafka
 *   consumer ──► API server               if it watches nodes
 *   consumer ──► Alertmanager             if it has one to tell
 *   helm test ──► consumer, API server, and anybody if it asks Prometheus or Loki
 *
 * The kubelet's probes come from the node itself and are not subject to policies.
 */
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { onlyWhen } from '../helm/chart.ts';
import { all, any, not, type Path } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { CHART, type Component, metadata, selectorOf } from './names.ts';
import { v } from './values.ts';

const { enabled, prometheus, dns, kafka, apiServer, alertmanager, extraIngress, extraEgress } = v.networkPolicy;

export function addNetworkPolicies(scope: Construct): void {
  const policies = onlyWhen(enabled, new Construct(scope, 'network-policy'));
  policy(policies, 'producer', [fromPrometheus()], [toDns(), ...toKafka()]);
  policy(
    policies,
    'consumer',
    [fromPrometheus(), fromTest()],
    [
      toDns(),
      ...toKafka(),
      ...toApiServer().map((rule) => helm.when(v.consumer.watchNodes, rule)),
      ...toAlertmanager().map((rule) => helm.when(v.consumer.alertmanagerUrl, rule)),
    ],
  );
  onlyWhen(v.simulation.enabled, policy(policies, 'simulator', [], [toDns(), ...toKafka()]));
  onlyWhen(v.tests.enabled, policy(policies, 'test', [], [toDns(), toConsumer(), ...toApiServer(), toTested()]));
}

function policy(
  scope: Construct,
  component: Component,
  ingress: k8s.NetworkPolicyIngressRule[],
  egress: k8s.NetworkPolicyEgressRule[],
): k8s.KubeNetworkPolicy {
  return new k8s.KubeNetworkPolicy(scope, component, {
    metadata: metadata(component),
    spec: {
      podSelector: { matchLabels: selectorOf(component) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...ingress, helm.splice(extraIngress)],
      egress: [...egress, helm.splice(extraEgress)],
    },
  });
}

const HTTP: k8s.NetworkPolicyPort[] = [{ port: k8s.IntOrString.fromString('http'), protocol: 'TCP' }];

/** A rule without peers would let everybody in, so no peers is no rule. */
function fromPrometheus(): k8s.NetworkPolicyIngressRule {
  return helm.when(prometheus, { from: helm.yaml(prometheus), ports: HTTP });
}

function fromTest(): k8s.NetworkPolicyIngressRule {
  return helm.when(v.tests.enabled, { from: [{ podSelector: { matchLabels: selectorOf('test') } }], ports: HTTP });
}

function toDns(): k8s.NetworkPolicyEgressRule {
  const port = k8s.IntOrString.fromNumber(53);
  return helm.when(dns, {
    to: helm.yaml(dns),
    ports: [
      { port, protocol: 'UDP' },
      { port, protocol: 'TCP' },
    ],
  });
}

function toKafka(): k8s.NetworkPolicyEgressRule[] {
  const ports = helm.yaml<k8s.NetworkPolicyPort[]>(`include "${CHART}.kafkaPorts" $ | trim`);
  const brokers = {
    podSelector: {
      matchLabels: { 'strimzi.io/cluster': helm.string(v.kafka.strimzi.clusterName), 'strimzi.io/kind': 'Kafka' },
    },
  };
  return [
    helm.when(kafka, { to: helm.yaml(kafka), ports }),
    helm.when(all(not(kafka), not(v.kafka.bootstrapServers)), { to: [brokers], ports }),
    helm.when(all(not(kafka), v.kafka.bootstrapServers), { ports }),
  ];
}

function toApiServer(): k8s.NetworkPolicyEgressRule[] {
  const ports = portsOf(v.networkPolicy.apiServerPorts);
  return [helm.when(apiServer, { to: helm.yaml(apiServer), ports }), helm.when(not(apiServer), { ports })];
}

function toAlertmanager(): k8s.NetworkPolicyEgressRule[] {
  const ports = helm.yaml<k8s.NetworkPolicyPort[]>(`include "${CHART}.alertmanagerPorts" $ | trim`);
  return [helm.when(alertmanager, { to: helm.yaml(alertmanager), ports }), helm.when(not(alertmanager), { ports })];
}

function toConsumer(): k8s.NetworkPolicyEgressRule {
  return { to: [{ podSelector: { matchLabels: selectorOf('consumer') } }], ports: HTTP };
}

/** Prometheus and Loki are where the values say. */
function toTested(): k8s.NetworkPolicyEgressRule {
  return helm.when(any(v.tests.prometheusUrl, v.tests.lokiUrl), {});
}

function portsOf(numbers: Path<number[]>): k8s.NetworkPolicyPort[] {
  return helm.yaml(`include "${CHART}.ports" ${numbers} | trim`);
}

export const NETWORK_HELPERS = {
  [`${CHART}.ports`]: `{{- range . }}
- port: {{ int64 . }}
  protocol: TCP
{{- end }}`,
  // The ports of the brokers that the pods are told of, too: left out, they would be denied without a word.
  [`${CHART}.kafkaPorts`]: `{{- $ports := list }}
{{- range .Values.networkPolicy.kafkaPorts }}
{{- $ports = append $ports (int64 .) }}
{{- end }}
{{- range splitList "," (include "${CHART}.bootstrapServers" .) }}
{{- with regexFind "[0-9]+$" (trim .) }}
{{- $ports = append $ports (int64 .) }}
{{- end }}
{{- end }}
{{- include "${CHART}.ports" (uniq $ports) }}`,
  [`${CHART}.alertmanagerPorts`]: `{{- $ports := list }}
{{- range .Values.networkPolicy.alertmanagerPorts }}
{{- $ports = append $ports (int64 .) }}
{{- end }}
{{- range splitList "," .Values.consumer.alertmanagerUrl }}
{{- $url := urlParse (trim .) }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) }}
{{- $ports = append $ports (int64 (default (ternary "443" "80" (eq $url.scheme "https")) $port)) }}
{{- end }}
{{- include "${CHART}.ports" (uniq $ports) }}`,
};
