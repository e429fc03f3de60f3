/** How lines of the alert log are read, and series by severity coloured, wherever they are shown. */
import type { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { SEVERITIES, SEVERITY_COLORS } from '../grafana/colors.ts';

/** The line as a sentence: a rule's summary names the node. A line for many nodes says how many it stands for. */
export const SAID =
  'json summary="annotations.summary", transitions="count" | line_format `{{.state}} {{.alert}} {{if .summary}}{{.summary}}{{else}}{{.transitions}} at once{{end}}`';

/** Transitions that lines tell of; a line for many counts as many. @param range `$__auto`, or `$__range` for all that is shown. */
export const transitionsIn = (selector: string, filter: string, range: '$__auto' | '$__range'): string =>
  `sum_over_time({${selector}} | ${filter} | json transitions="count" | unwrap transitions [${range}])`;

const SECONDS = (field: string): string => `unixEpoch (toDate "2006-01-02T15:04:05Z07:00" .${field})`;

/** Seconds from the beginning of each alert that has fired to its end. */
export const lifetimesIn = (selector: string, filter: string): string =>
  `{${selector},state="resolved"} | ${filter} | json since="since", ended="eventTime", fired="evidence.wasFiring" | fired="true" | label_format seconds=\`{{sub (${SECONDS('ended')}) (${SECONDS('since')})}}\` | unwrap seconds [$__range]`;

export function inSeverityColors(panel: TimeSeries): TimeSeries {
  for (const severity of SEVERITIES) {
    panel.overrideByName(severity, [{ id: 'color', value: { mode: 'fixed', fixedColor: SEVERITY_COLORS[severity] } }]);
  }
  return panel;
}
