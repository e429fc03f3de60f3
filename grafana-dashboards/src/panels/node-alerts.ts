/** What was said about a node: as numbers, as lines, and as marks on every other panel. */
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SEVERITIES, SEVERITY_COLORS } from '../grafana/colors.ts';
import { bars, stream } from '../grafana/panels.ts';
import { logs, over } from '../grafana/queries.ts';
import { LOKI } from '../grafana/sources.ts';
import { ABOUT_NODE, ALERT_LOG, NODE, orNone } from '../selectors.ts';
import { inSeverityColors, SAID } from './alert-lines.ts';
import { ofNode } from './node-panel.ts';

export const alertCount = () =>
  ofNode(
    inSeverityColors(
      bars({
        title: 'Alerts that fire',
        description: 'Alerts of this node that fire, by severity.',
        width: 8,
        unit: 'short',
        queries: SEVERITIES.map((severity) =>
          over(orNone(`sum(sysmon_alerts{state="firing",severity="${severity}",${NODE}})`, NODE), severity),
        ),
      })
        .min(0)
        .decimals(0),
    ),
  );

export const alertStream = () =>
  stream({
    title: 'Alert log',
    description:
      'What became pending, firing or resolved on this node, the newest first. A line opens to all that was seen.',
    width: 8,
    height: 8,
    queries: [logs(`{${ALERT_LOG}} | ${ABOUT_NODE} | ${SAID}`)],
  });

/** A mark where an alert of the node began to fire, in the colour of its severity. */
export const annotations = () =>
  SEVERITIES.map((severity) =>
    new AnnotationQueryBuilder()
      .name(`Alerts: ${severity}`)
      .datasource(LOKI)
      .enable(true)
      .iconColor(SEVERITY_COLORS[severity])
      .expr(`{${ALERT_LOG},state="firing",severity="${severity}"} | ${ABOUT_NODE} | ${SAID}`)
      .titleFormat('{{alert}}')
      .textFormat('')
      .tagKeys('severity,alert'),
  );
