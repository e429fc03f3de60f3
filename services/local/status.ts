/** One calm line for somebody who watches: is it alive, how much is there, is anything wrong? */
import type { Consumer } from '../consumer/service.ts';

export function statusLine({ state, judge }: Pick<Consumer, 'state' | 'judge'>, now: number): string {
  const nodes = state.nodes();
  const up = nodes.filter((view) => view.up);
  const series = up.reduce((sum, { event }) => sum + seriesOf(event.metrics), 0);
  // The Watchdog always fires, which is no news.
  const alerts = judge.active().filter(({ severity }) => severity !== 'none');
  const firing = alerts.filter(({ state }) => state === 'firing').map(({ alertname }) => alertname);
  const pending = alerts.length - firing.length;
  const clock = new Date(now).toISOString().slice(11, 19);
  const news = firing.length === 0 ? 'no alert fires' : `firing: ${[...new Set(firing)].join(', ')}`;
  return `${clock}  ${up.length} of ${nodes.length} nodes up  ${series} series  ${news}${pending > 0 ? `, ${pending} pending` : ''}`;
}

function seriesOf(metrics: Readonly<Record<string, number | readonly unknown[]>>): number {
  return Object.values(metrics).reduce<number>(
    (sum, series) => sum + (typeof series === 'number' ? 1 : series.length),
    0,
  );
}
