/**
 * Alloy 1.11.1 (app 1.18.1), Promtail's successor: one on each node, asks the API server for the lines of its node's pods, so that it needs neither root
 * nor the node's files. Labels and structured metadata are Promtail's (log-fields.ts).
 */
import { expressions, LABELS, METADATA, PARSED, sameNamed, TIME } from './log-fields.ts';
import { LOKI, MONITORING } from './names.ts';
import { address, type Values } from './release.ts';

/** Where a label comes from, as the defaults of Promtail's chart have it: the first source that is not empty. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  namespace: ['namespace'],
  pod: ['pod_name'],
  container: ['pod_container_name'],
  node_name: ['pod_node_name'],
  app: ['pod_label_app_kubernetes_io_name', 'pod_label_app', 'pod_name'],
  component: ['pod_label_app_kubernetes_io_component', 'pod_label_component'],
  instance: ['pod_label_app_kubernetes_io_instance', 'pod_label_instance'],
};

/** A map in Alloy's syntax. */
const map = (entries: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(entries)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join(', ')} }`;

const rule = (sources: readonly string[], target: string, how: string): string => `  rule {
    source_labels = ${JSON.stringify(sources)}
    ${how}
    target_label  = ${JSON.stringify(target)}
  }`;

const relabelling = Object.entries(SOURCES).map(([target, sources]) =>
  rule(
    sources.map((source) => `__meta_kubernetes_${source}`),
    target,
    'regex         = ";*([^;]+)(;.*)?"',
  ),
);

export const CONFIG = `discovery.kubernetes "pods" {
  role = "pod"
  selectors {
    role  = "pod"
    field = "spec.nodeName=" + sys.env("HOSTNAME")
  }
}

discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets
${relabelling.join('\n')}
${rule(['namespace', 'app'], 'job', 'separator     = "/"')}
}

loki.source.kubernetes "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.process.lines.receiver]
}

loki.process "lines" {
  stage.match {
    selector = ${JSON.stringify(PARSED)}

    stage.json {
      expressions = ${map(expressions())}
    }
    stage.timestamp {
      source = ${JSON.stringify(TIME.field)}
      format = ${JSON.stringify(TIME.layout)}
    }
    stage.labels {
      values = ${map(sameNamed(LABELS))}
    }
    stage.structured_metadata {
      values = ${map(sameNamed(METADATA))}
    }
  }
  forward_to = [loki.write.loki.receiver]
}

loki.write "loki" {
  endpoint {
    url = "${address(MONITORING, LOKI)}/loki/api/v1/push"
  }
}
`;

const STORAGE = '/tmp/alloy';
const NON_ROOT = 65_534;

export const ALLOY: Values = {
  alloy: {
    configMap: { content: CONFIG },
    enableReporting: false,
    storagePath: STORAGE,
    mounts: { extra: [{ name: 'storage', mountPath: STORAGE }] },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '384Mi' } },
  },
  global: {
    podSecurityContext: {
      runAsNonRoot: true,
      runAsUser: NON_ROOT,
      runAsGroup: NON_ROOT,
      fsGroup: NON_ROOT,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  },
  controller: {
    tolerations: [{ operator: 'Exists' }],
    volumes: { extra: [{ name: 'storage', emptyDir: { sizeLimit: '256Mi' } }] },
  },
  // Nothing here uses its definition of PodLogs.
  crds: { create: false },
  // To find pods and to read what they write; the chart's default reads secrets, too.
  rbac: {
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    // The chart joins both lists into one ClusterRole and does not take an empty one.
    clusterRules: [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }],
  },
  serviceMonitor: { enabled: true },
};
