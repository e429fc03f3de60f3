/** Every query of the dashboards, filled in as Grafana does, and what is expected not to be answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dashboard, filledIn, type Query, queriesOf } from '../../grafana-dashboards/checks/model.ts';

const FOLDER = join(import.meta.dirname, '../../grafana-dashboards');
export const NAMES = ['fleet', 'node', 'alerts', 'pipeline'] as const;

/** What is chosen above the dashboards, and the spans that Grafana works out. */
export interface Choices {
  readonly cluster: string;
  readonly node: string;
  readonly rateInterval: string;
  readonly range: string;
}

/** Everything is chosen but for the one node that a dashboard is about. */
export function dashboardQueries(language: Query['language'], choices: Choices): readonly Query[] {
  return NAMES.flatMap((name) => {
    const dashboard = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Dashboard;
    const one = name === 'node';
    const values = {
      cluster: one ? choices.cluster : '.*',
      node: one ? choices.node : '.*',
      namespace: '.*',
      top: '10',
      __rate_interval: choices.rateInterval,
      __auto: choices.rateInterval,
      __range: choices.range,
    };
    return queriesOf(dashboard)
      .filter((query) => query.language === language)
      .map((query) => ({ ...query, text: filledIn(query.text, values) }));
  });
}

/** Beginnings of places → why nothing is there. */
export type Absent = readonly (readonly [place: string, reason: string])[];

/** Queries without data that nobody declared absent. @param answered how many series or lines each query has. */
export function unanswered(answered: ReadonlyMap<Query, number>, absent: Absent): readonly string[] {
  return emptyOf(answered)
    .filter(({ place }) => !absent.some(([beginning]) => place.startsWith(beginning)))
    .map(({ place, text }) => `${place} has no data: ${text}`);
}

/** Declarations that nothing needs. */
export function needless(answered: ReadonlyMap<Query, number>, absent: Absent): readonly string[] {
  return absent
    .filter(([beginning]) => !emptyOf(answered).some(({ place }) => place.startsWith(beginning)))
    .map(([beginning, reason]) => `${beginning} has data, and is declared absent: ${reason}`);
}

const emptyOf = (answered: ReadonlyMap<Query, number>) =>
  [...answered].filter(([, count]) => count === 0).map(([query]) => query);
