/**
 * What a dashboard has to be: the rules of Grafana's dashboard linter (https://github.com/grafana/dashboard-linter), with the labels by
 * which things are chosen here in the place of `job` and `instance`, and some of our own. Each tells what is wrong where. Pure.
 */

import { UIDS } from '../src/grafana/links.ts';
import { LINE_LABELS, STREAM_LABELS, seriesOf } from './catalogue.ts';
import { parseLogQL } from './logql.ts';
import { type Dashboard, labelValues, type Panel, panelsOf, type Query, queriesOf, type Variable } from './model.ts';
import { parsePromQL, type Selector } from './promql.ts';

export interface Finding {
  readonly rule: string;
  readonly place: string;
  readonly problem: string;
}

type Tell = (place: string, problem: string) => void;
type Rule = (dashboard: Dashboard, tell: Tell) => void;

const ON_TIME_RANGE_CHANGE = 2;
const CROSSHAIR = 1;

const RULES: Readonly<Record<string, Rule>> = {
  dashboard({ title = '', description, uid, editable, graphTooltip }, tell) {
    if (title === '' || !description) tell(title, 'has no title or no description');
    if (uid === undefined || !/^[a-zA-Z0-9_-]{1,40}$/.test(uid)) tell(title, 'has no valid uid');
    if (editable !== false) tell(title, 'can be edited, and the change would be lost with the next release');
    if (graphTooltip !== CROSSHAIR) tell(title, 'does not share the crosshair');
  },

  sources({ title, templating: { list } }, tell) {
    for (const type of ['prometheus', 'loki']) {
      const variable = list.find((each) => each.type === 'datasource' && each.query === type);
      const label = `${type[0]?.toUpperCase()}${type.slice(1)} data source`;
      if (variable?.name !== `${type}_datasource` || variable.label !== label) {
        tell(`${title}`, `expected a variable ${type}_datasource, labelled ${label}`);
      }
    }
  },

  variables({ title, templating: { list } }, tell) {
    for (const name of ['cluster', 'node']) {
      if (list.every((variable) => variable.name !== name || variable.type !== 'query')) {
        tell(`${title}`, `has no variable ${name}`);
      }
    }
    for (const variable of list.filter(({ type }) => type === 'query')) {
      for (const problem of variableProblems(variable)) tell(`${title} / $${variable.name}`, problem);
    }
  },

  panels(dashboard, tell) {
    for (const panel of panelsOf(dashboard)) {
      const place = `${dashboard.title} / ${panel.title ?? panel.id}`;
      if (!panel.title || !panel.description) tell(place, 'has no title or no description');
      if ((panel.targets ?? []).length === 0) tell(place, 'has no query');
      for (const problem of unitProblems(panel)) tell(place, problem);
      for (const { uid = '' } of [
        panel.datasource ?? {},
        ...(panel.targets ?? []).map((each) => each.datasource ?? {}),
      ]) {
        if (!/^(\$\{(prometheus|loki)_datasource\}|-- Mixed --|__expr__)$/.test(uid))
          tell(place, `asks ${uid || 'nobody'}, expected a variable`);
      }
    }
  },

  ids(dashboard, tell) {
    const place = dashboard.title ?? '';
    for (const id of doubled(dashboard.panels.map((panel) => panel.id))) tell(place, `has two panels of id ${id}`);
    for (const title of doubled(panelsOf(dashboard).map((panel) => panel.title)))
      tell(place, `has two panels called ${title}`);
    for (const panel of panelsOf(dashboard)) {
      for (const id of doubled((panel.targets ?? []).map(({ refId }) => refId)))
        tell(`${place} / ${panel.title}`, `has two queries ${id}`);
    }
  },

  links(dashboard, tell) {
    for (const panel of panelsOf(dashboard)) {
      for (const url of linksOf(panel)) {
        for (const problem of linkProblems(url, panel)) tell(`${dashboard.title} / ${panel.title}`, problem);
      }
    }
  },

  syntax: everyQuery(({ language, text, kind }, tell) => {
    const query = kind === 'names' ? (labelValues(text)?.selector ?? '') : text;
    const { error } = language === 'promql' ? parsePromQL(query) : parseLogQL(query);
    if (error !== undefined || query === '') tell(`does not parse at \`${error ?? text}\``);
  }),

  catalogue: everyQuery((query, tell) => {
    if (query.language === 'promql') for (const problem of unknownSeries(query)) tell(problem);
    else for (const problem of unknownLogLabels(query)) tell(problem);
  }),

  chosen: everySelector(({ name, matchers }, { kind }, tell) => {
    // What a variable offers is chosen by those before it.
    if (kind === 'names') return;
    for (const label of seriesOf(name)?.chosenBy ?? []) {
      const matcher = matchers.get(label) ?? '';
      if (matcher !== `="$${label}"` && matcher !== `=~"$${label}"`) tell(`${name} is not chosen by ${label}`);
    }
  }),

  span: everyQuery(({ language, text, kind }, tell) => {
    const spans =
      language === 'logql' ? parseLogQL(text).spans : parsePromQL(text).selectors.flatMap(({ span }) => span ?? []);
    const wanted = language === 'logql' ? '$__auto' : '$__rate_interval';
    for (const span of spans) {
      // A number for all the time that is shown is no line over it.
      if (span !== wanted && !(kind === 'now' && span === '$__range'))
        tell(`is taken over ${span}, expected ${wanted}`);
    }
  }),

  counters: everySelector(({ name, within = '', span }, _, tell) => {
    const counter = seriesOf(name)?.counter === true;
    const rated = /^(rate|irate|increase)$/.test(within);
    // How many there are says nothing of how far they have counted.
    if (counter && !rated && within !== 'count') tell(`${name} is a counter: expected rate, irate or increase`);
    const known = /^node_(vmstat|netstat)_/.test(name) || counter;
    if (!known && rated && span !== undefined) tell(`${name} is no counter: ${within} of it means nothing`);
  }),
};

export function lint(dashboard: Dashboard): readonly Finding[] {
  return Object.entries(RULES).flatMap(([rule, check]) => {
    const findings: Finding[] = [];
    check(dashboard, (place, problem) => findings.push({ rule, place, problem }));
    return findings;
  });
}

function everyQuery(check: (query: Query, tell: (problem: string) => void) => void): Rule {
  return (dashboard, tell) => {
    for (const query of queriesOf(dashboard)) check(query, (problem) => tell(query.place, problem));
  };
}

function everySelector(check: (selector: Selector, query: Query, tell: (problem: string) => void) => void): Rule {
  return everyQuery((query, tell) => {
    if (query.language !== 'promql') return;
    const text = query.kind === 'names' ? (labelValues(query.text)?.selector ?? '') : query.text;
    for (const selector of parsePromQL(text).selectors) check(selector, query, tell);
  });
}

function variableProblems({
  datasource,
  label,
  name,
  refresh,
  multi,
  includeAll,
  allValue,
}: Variable): readonly string[] {
  const problems: string[] = [];
  if (datasource?.uid !== `\${prometheus_datasource}`) problems.push('does not ask the data source that is chosen');
  if (label !== name[0]?.toUpperCase() + name.slice(1)) problems.push(`is labelled ${label}`);
  if (refresh !== ON_TIME_RANGE_CHANGE) problems.push('is not asked again when the time range changes');
  if (includeAll !== multi || (includeAll === true && allValue !== '.*'))
    problems.push('has several values without all of them, or all is not .*');
  return problems;
}

/** Those of its points, and of its columns. */
function linksOf({ fieldConfig }: Panel): readonly string[] {
  const ofColumns = (fieldConfig?.overrides ?? []).flatMap(({ properties }) => properties);
  const columns = ofColumns.filter(({ id }) => id === 'links').flatMap(({ value }) => value as { url?: string }[]);
  return [...(fieldConfig?.defaults.links ?? []), ...columns].map(({ url = '' }) => url);
}

function* linkProblems(url: string, { transformations = [] }: Panel): Generator<string> {
  const [, uid] = /^\/d\/([^?]+)\?/.exec(url) ?? [];
  const [, panes] = /^\/explore\?schemaVersion=1&orgId=1&panes=(.+)$/.exec(url) ?? [];
  if (panes !== undefined) {
    for (const { expr } of exploredIn(panes))
      if (parseLogQL(expr).error !== undefined) yield `explores what does not parse: ${expr}`;
  } else if (uid === undefined || !(Object.values(UIDS) as string[]).includes(uid)) yield `leads to ${url}`;
  const names = transformations.flatMap(({ options }) => Object.values(options.renameByName ?? {}));
  for (const [, column = ''] of url.matchAll(/__data\.fields\["([^"]+)"\]/g)) {
    if (!names.includes(column)) yield `has no column ${column}, of which its link speaks`;
  }
}

interface Panes {
  readonly [name: string]: { readonly queries: readonly { readonly expr: string }[] };
}

function exploredIn(panes: string): readonly { readonly expr: string }[] {
  return Object.values(JSON.parse(decodeURIComponent(panes)) as Panes).flatMap(({ queries }) => queries);
}

/** Kinds that show text. */
const WITHOUT_UNIT = ['logs'];

function unitProblems({ type, fieldConfig, transformations }: Panel): readonly string[] {
  if (WITHOUT_UNIT.includes(type)) return [];
  if (type !== 'table') return fieldConfig?.defaults.unit ? [] : ['has no unit'];
  return figureColumns(transformations)
    .filter((name) => !saysItsUnit(name, fieldConfig))
    .map((name) => `column ${name} has no unit`);
}

/** What the columns are called that hold values and not labels. */
function figureColumns(transformations: Panel['transformations'] = []): readonly string[] {
  return transformations.flatMap(({ options: { renameByName = {} } }) =>
    Object.entries(renameByName).flatMap(([field, name]) => (/^Value( #[A-Z])?$/.test(field) ? name : [])),
  );
}

/** By a unit, or by words for each value. */
function saysItsUnit(column: string, fieldConfig: Panel['fieldConfig']): boolean {
  return (fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.options === column)
    .some(({ properties }) => properties.some(({ id }) => id === 'unit' || id === 'mappings'));
}

function* unknownSeries({ text, kind }: Query): Generator<string> {
  const { selector = text, label } = (kind === 'names' ? labelValues(text) : undefined) ?? {};
  const { selectors, grouped, made } = parsePromQL(selector);
  const known = new Set(made);
  for (const { name, matchers } of selectors) {
    const series = seriesOf(name);
    if (series === undefined) yield `${name || selector} is no series that anybody exposes`;
    for (const each of matchers.keys())
      if (series?.labels.includes(each) === false) yield `${name} has no label ${each}`;
    for (const each of series?.labels ?? []) known.add(each);
  }
  for (const each of [...grouped, ...(label === undefined ? [] : [label])]) {
    if (!known.has(each)) yield `nothing in it has a label ${each}`;
  }
}

function* unknownLogLabels({ text }: Query): Generator<string> {
  const { streams, filters, grouped, made } = parseLogQL(text);
  for (const each of streams) if (!STREAM_LABELS.includes(each)) yield `${each} is no label of a stream`;
  for (const each of [...filters, ...grouped]) {
    if (!LINE_LABELS.includes(each) && !made.includes(each)) yield `lines have no label ${each}`;
  }
}

const doubled = <T>(values: readonly T[]): readonly T[] =>
  values.filter((value, index) => values.indexOf(value) !== index);
