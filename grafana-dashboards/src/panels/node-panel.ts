/** What the panels of one node share: a click on a point leads to what was said about the node around it. */
import type { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { aroundThePoint } from '../grafana/links.ts';
import { stacked, timeSeries } from '../grafana/panels.ts';

export const ofNode = (panel: TimeSeries): TimeSeries => panel.dataLinks([...aroundThePoint()]);

/** Shares of a whole, on an axis that always shows all of it. */
export function shareOf(panel: Omit<Parameters<typeof timeSeries>[0], 'unit'>, how?: 'stacked'): TimeSeries {
  const draw = how === 'stacked' ? stacked : timeSeries;
  return draw({ ...panel, unit: 'percentunit' })
    .min(0)
    .max(1);
}
