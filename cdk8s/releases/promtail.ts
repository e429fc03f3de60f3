/**
 * Promtail 6.17.1 (app 3.5.1): reads the nodes' log files. Its end of life was in March 2026; alloy.ts ships the same labels.
 * It has to be root and to see /var/log/pods, for that is whose the files are.
 */
import { expressions, LABELS, METADATA, PARSED, sameNamed, TIME } from './log-fields.ts';
import { LOKI, MONITORING } from './names.ts';
import { address, type Values } from './release.ts';

export const PROMTAIL: Values = {
  config: {
    // The chart's default is a gateway that this Loki does not have.
    clients: [{ url: `${address(MONITORING, LOKI)}/loki/api/v1/push` }],
    snippets: {
      pipelineStages: [
        { cri: {} },
        {
          match: {
            selector: PARSED,
            stages: [
              { json: { expressions: expressions() } },
              { timestamp: { source: TIME.field, format: TIME.layout } },
              { labels: sameNamed(LABELS) },
              { structured_metadata: sameNamed(METADATA) },
            ],
          },
        },
        // A label of its own for each file of each container would only multiply streams; Alloy does not know them either.
        { labeldrop: ['filename', 'stream'] },
      ],
    },
  },
  // Alerts of every node, the control plane's too, and of nodes that are being emptied.
  tolerations: [{ operator: 'Exists' }],
  resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
  serviceMonitor: { enabled: true },
};
