/**
 * Loki 18.11.0 of grafana-community (app 3.7.6): one process on a file system. The chart's defaults are for object storage, several groups of
 * processes and caches of 11 GB: each has to be turned off by name.
 */
import type { Values } from './release.ts';

const NONE = { replicas: 0 };
const OFF = { enabled: false };

export const LOKI_VALUES: Values = {
  deploymentMode: 'Monolithic',
  loki: {
    auth_enabled: false,
    commonConfig: { replication_factor: 1 },
    storage: { type: 'filesystem' },
    schemaConfig: {
      configs: [
        {
          from: '2024-04-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'loki_index_', period: '24h' },
        },
      ],
    },
    limits_config: { retention_period: '168h', allow_structured_metadata: true, volume_enabled: true },
    // Retention holds only with all three: these two and the period above.
    compactor: { retention_enabled: true, delete_request_store: 'filesystem' },
    analytics: { reporting_enabled: false },
  },
  singleBinary: {
    replicas: 1,
    persistence: { enabled: true, size: '10Gi' },
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
  },
  read: NONE,
  write: NONE,
  backend: NONE,
  chunksCache: OFF,
  resultsCache: OFF,
  gateway: OFF,
  lokiCanary: OFF,
  test: OFF,
  // Alert rules are judged on the stream and by Prometheus, not on logs.
  sidecar: { rules: OFF },
  monitoring: { serviceMonitor: { enabled: true } },
};

export const LOKI_ON_KIND: Values = {
  loki: { limits_config: { retention_period: '48h' } },
  singleBinary: { persistence: { size: '2Gi' } },
};

export const LOKI_IN_PRODUCTION: Values = {
  loki: { limits_config: { retention_period: '744h' } },
  singleBinary: {
    persistence: { size: '50Gi' },
    resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '4Gi' } },
  },
};
