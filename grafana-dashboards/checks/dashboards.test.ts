/** The committed dashboards keep every rule, and every rule tells when it is broken. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dashboardFiles } from '../src/dashboards.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { layoutFindings } from './layout.ts';
import { type Dashboard, type Panel, panelsOf, type Target, type Variable } from './model.ts';
import { type Finding, lint } from './rules.ts';

const NAMES = [...dashboardFiles().keys()];
const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8')) as Dashboard;
const findings = (dashboard: Dashboard): readonly Finding[] => [...lint(dashboard), ...layoutFindings(dashboard)];
const excepted = ({ rule, place }: Finding) =>
  EXCEPTIONS.some((exception) => exception.rule === rule && place.startsWith(exception.place));

for (const name of NAMES) {
  test(`${name} keeps every rule`, () => {
    assert.deepEqual(
      findings(read(name)).filter((finding) => !excepted(finding)),
      [],
    );
  });
}

test('every exception is needed', () => {
  const all = NAMES.flatMap((name) => findings(read(name)));
  for (const { rule, place } of EXCEPTIONS) {
    assert.ok(
      all.some((finding) => finding.rule === rule && finding.place.startsWith(place)),
      `${rule} ${place}`,
    );
  }
});

test('no two dashboards have the same uid, and the same sources are the same text', () => {
  const uids = NAMES.map((name) => read(name).uid);
  assert.equal(new Set(uids).size, NAMES.length);
  assert.deepEqual([...dashboardFiles()], [...dashboardFiles()]);
});

test('a node begins with CPU, memory, disk, network, alert count and alert log', () => {
  const first = panelsOf(read('node.json')).slice(0, 6);
  assert.deepEqual(
    first.map(({ title }) => title),
    ['CPU', 'Memory', 'Disk space', 'Network in and out', 'Alerts that fire', 'Alert log'],
  );
});

test("every graph of a node is marked with the node's alerts of each severity, and a click leads to its logs around the point", () => {
  const node = read('node.json');
  const marks = node.annotations.list.map(({ expr = '' }) => expr);
  for (const severity of ['critical', 'warning', 'info']) {
    const selector = `{event="alert",state="firing",severity="${severity}"} | cluster="$cluster" | node="$node"`;
    assert.ok(
      marks.some((expr) => expr.startsWith(selector)),
      severity,
    );
  }
  for (const { title, type, fieldConfig } of panelsOf(node)) {
    if (type !== 'timeseries') continue;
    const urls = (fieldConfig?.defaults.links ?? []).map(({ url }) => url);
    assert.match(String(urls[0]), /^\/explore\?.*\$\{__value\.time\}/, title);
    assert.match(String(urls[1]), /^\/d\/sysmon-alerts\?.*&time=\$\{__value\.time\}&time\.window=/, title);
  }
});

/** The smallest that keeps every rule. */
function sound(): Dashboard {
  const prometheus = { type: 'prometheus', uid: '${prometheus_datasource}' };
  const variable = (name: string, query: string): Variable => ({
    type: 'query',
    name,
    label: name[0]?.toUpperCase() + name.slice(1),
    datasource: prometheus,
    query: { query },
    refresh: 2,
    multi: false,
    includeAll: false,
  });
  const source = (type: string, label: string): Variable => ({
    type: 'datasource',
    name: `${type}_datasource`,
    label,
    query: type,
  });
  return {
    uid: 'sound',
    title: 'Sound',
    description: 'Keeps every rule.',
    editable: false,
    graphTooltip: 1,
    panels: [
      {
        id: 1,
        type: 'timeseries',
        title: 'Reads',
        description: 'What the disks read.',
        datasource: prometheus,
        gridPos: { x: 0, y: 0, w: 12, h: 8 },
        targets: [{ refId: 'A', datasource: prometheus, expr: READS }],
        fieldConfig: { defaults: { unit: 'Bps' }, overrides: [] },
      },
      {
        id: 2,
        type: 'logs',
        title: 'Alert log',
        description: 'What was said.',
        datasource: { type: 'loki', uid: '${loki_datasource}' },
        gridPos: { x: 12, y: 0, w: 12, h: 8 },
        targets: [{ refId: 'A', datasource: { type: 'loki', uid: '${loki_datasource}' }, expr: LINES }],
      },
    ],
    templating: {
      list: [
        source('prometheus', 'Prometheus data source'),
        source('loki', 'Loki data source'),
        variable('cluster', 'label_values(sysmon_node_up, cluster)'),
        variable('node', 'label_values(sysmon_node_up{cluster="$cluster"}, node)'),
      ],
    },
    annotations: { list: [] },
  };
}
const CHOSEN = 'cluster="$cluster",node="$node"';
const READS = `sum by (device) (rate(node_disk_read_bytes_total{${CHOSEN}}[$__rate_interval]))`;
const LINES = '{event="alert"} | node="$node" | json t="count" | t="1"';

test('the smallest sound dashboard breaks no rule', () => {
  assert.deepEqual(findings(sound()), []);
});

const first = (change: Partial<Panel>) => (dashboard: Dashboard) => ({
  ...dashboard,
  panels: dashboard.panels.map((panel, index) => (index === 0 ? { ...panel, ...change } : panel)),
});
const target = (change: Partial<Target>) => (dashboard: Dashboard) =>
  first({ targets: [{ ...dashboard.panels[0]?.targets?.[0], ...change }] })(dashboard);
const promql = (expr: string) => target({ expr });
const logql = (expr: string) => target({ expr, datasource: { type: 'loki', uid: '${loki_datasource}' } });
const variable = (name: string, change: Partial<Variable>) => (dashboard: Dashboard) => ({
  ...dashboard,
  templating: {
    list: dashboard.templating.list.map((each) => (each.name === name ? { ...each, ...change } : each)),
  },
});
const table = (
  names: Readonly<Record<string, string>>,
  overrides: NonNullable<Panel['fieldConfig']>['overrides'] = [],
) =>
  first({
    type: 'table',
    transformations: [{ id: 'organize', options: { renameByName: names } }],
    fieldConfig: { defaults: {}, overrides },
  });

const BROKEN: readonly (readonly [
  what: string,
  rule: string,
  problem: RegExp,
  broken: (sound: Dashboard) => Dashboard,
])[] = [
  ['can be edited', 'dashboard', /can be edited/, (each) => ({ ...each, editable: true })],
  ['has no description', 'dashboard', /no description/, (each) => ({ ...each, description: '' })],
  ['has no uid', 'dashboard', /no valid uid/, ({ uid: _, ...each }) => each],
  ['has a crosshair for each panel', 'dashboard', /crosshair/, (each) => ({ ...each, graphTooltip: 0 })],
  [
    'names its data source otherwise',
    'sources',
    /prometheus_datasource/,
    variable('prometheus_datasource', { name: 'ds' }),
  ],
  ['has no cluster', 'variables', /no variable cluster/, variable('cluster', { name: 'region' })],
  ['looks for nodes once', 'variables', /time range/, variable('node', { refresh: 1 })],
  ['asks one server for nodes', 'variables', /data source/, variable('node', { datasource: { uid: 'abc' } })],
  [
    'offers all as something',
    'variables',
    /not \.\*/,
    variable('node', { multi: true, includeAll: true, allValue: '.+' }),
  ],
  ['has a panel without title', 'panels', /no title/, first({ title: '' })],
  ['has a panel without description', 'panels', /no description/, first({ description: '' })],
  ['has a panel without unit', 'panels', /no unit/, first({ fieldConfig: { defaults: {}, overrides: [] } })],
  ['has a column of figures without unit', 'panels', /column Size has no unit/, table({ 'Value #A': 'Size' })],
  ['has a panel without query', 'panels', /no query/, first({ targets: [] })],
  ['has a panel that asks one server', 'panels', /asks abc/, first({ datasource: { type: 'prometheus', uid: 'abc' } })],
  ['has a query that asks nobody', 'panels', /asks nobody/, target({ datasource: { type: 'prometheus' } })],
  ['has an id twice', 'ids', /two panels of id 2/, first({ id: 2 })],
  ['has a title twice', 'ids', /two panels called Alert log/, first({ title: 'Alert log' })],
  [
    'has a letter twice',
    'ids',
    /two queries A/,
    (each) => first({ targets: [0, 1].flatMap(() => each.panels[0]?.targets ?? []) })(each),
  ],
  ['leads to no dashboard of ours', 'links', /leads to \/d\/other/, linked('/d/other?var-node=x')],
  ['leads out of Grafana', 'links', /leads to http/, linked('http://elsewhere/')],
  ['explores what is no query', 'links', /does not parse/, linked(explore('{event=alert}'))],
  [
    'leads from a column that it has not',
    'links',
    /no column Host/,
    linked('/d/sysmon-node?var-node=${__data.fields["Host"]}'),
  ],
  ['has PromQL that is none', 'syntax', /does not parse/, promql(`sum by (device) (rate(node_load1{${CHOSEN}})`)],
  ['has LogQL that is none', 'syntax', /does not parse/, logql('{event="alert"} | jsn |')],
  ['has a variable that is no query', 'syntax', /does not parse/, variable('node', { query: 'nodes()' })],
  ['asks for what nobody exposes', 'catalogue', /node_cpu_seconds is no series/, promql(`node_cpu_seconds{${CHOSEN}}`)],
  ['asks by a label that is not there', 'catalogue', /no label mode/, promql(`node_load1{mode="idle",${CHOSEN}}`)],
  ['groups by a label that is not there', 'catalogue', /label cpu/, promql(`sum by (cpu) (node_load1{${CHOSEN}})`)],
  [
    'offers a label that is not there',
    'catalogue',
    /label cpu/,
    variable('node', { query: 'label_values(sysmon_node_up, cpu)' }),
  ],
  ['chooses streams by what lines have', 'catalogue', /node is no label of a stream/, logql('{node="$node"}')],
  [
    'filters lines by what they do not have',
    'catalogue',
    /lines have no label host/,
    logql('{event="alert"} | host="$node"'),
  ],
  ['shows all nodes', 'chosen', /node_load1 is not chosen by node/, promql('node_load1{cluster="$cluster"}')],
  [
    'shows the node of another variable',
    'chosen',
    /chosen by node/,
    promql('node_load1{cluster="$cluster",node="$cluster"}'),
  ],
  ['shows all consumers', 'chosen', /chosen by namespace/, promql('sysmon_partitions_owned')],
  ['has a span of its own', 'span', /5m, expected \$__rate_interval/, promql(READS.replace('$__rate_interval', '5m'))],
  [
    'has the whole range over time',
    'span',
    /\$__range, expected/,
    promql(READS.replace('$__rate_interval', '$__range')),
  ],
  ['has a span of its own in the log', 'span', /expected \$__auto/, logql('sum(count_over_time({event="alert"}[5m]))')],
  ['shows a counter as it is', 'counters', /expected rate/, promql(`node_disk_read_bytes_total{${CHOSEN}}`)],
  ['has the rate of a gauge', 'counters', /no counter/, promql(`rate(node_load1{${CHOSEN}}[$__rate_interval])`)],
  ['has a title that is cut off', 'layout', /title takes 500 .* 390 pixels/, first({ title: 'x'.repeat(60) })],
  [
    'has a panel of a few pixels',
    'layout',
    /is 169 × 296 pixels at 1440/,
    first({ gridPos: { x: 0, y: 0, w: 3, h: 8 } }),
  ],
  ['has a panel of one row', 'layout', /is 700 × 68 pixels/, first({ gridPos: { x: 0, y: 0, w: 12, h: 2 } })],
  ['has a panel over another', 'layout', /overlaps Alert log/, first({ gridPos: { x: 8, y: 4, w: 12, h: 8 } })],
  ['has a kind of panel that nobody measured', 'layout', /nobody has said/, first({ type: 'piechart' })],
  ['has figures without room', 'layout', /each of its 5 figures has 71 pixels at 390/, figures()],
  ['has figures below each other without room', 'layout', /5 figures has 28 pixels/, figures('horizontal')],
  [
    'has a heading that is cut off',
    'layout',
    /heading Mounted at/,
    table({ mountpoint: 'Mounted at' }, [width('Mounted at', 40)]),
  ],
  [
    'has more columns than fit',
    'layout',
    /columns take 900 of 700/,
    table({ mountpoint: 'Mount' }, [width('Mount', 900)]),
  ],
];

function linked(url: string) {
  return first({ fieldConfig: { defaults: { unit: 'Bps', links: [{ url }] }, overrides: [] } });
}

function explore(expr: string): string {
  const panes = encodeURIComponent(JSON.stringify({ one: { queries: [{ expr }] } }));
  return `/explore?schemaVersion=1&orgId=1&panes=${panes}`;
}

function figures(orientation?: string) {
  return (dashboard: Dashboard) =>
    first({
      type: 'stat',
      gridPos: { x: 0, y: 0, w: 12, h: 4 },
      ...(orientation !== undefined && { options: { orientation } }),
      targets: [...'ABCDE'].map((refId) => ({ ...dashboard.panels[0]?.targets?.[0], refId })),
    })(dashboard);
}

function width(column: string, value: number) {
  return { matcher: { id: 'byName', options: column }, properties: [{ id: 'custom.width', value }] };
}

for (const [what, rule, problem, broken] of BROKEN) {
  test(`a dashboard that ${what} is told by the rule ${rule}`, () => {
    const found = findings(broken(sound()));
    assert.ok(
      found.some((finding) => finding.rule === rule && problem.test(finding.problem)),
      JSON.stringify(found),
    );
  });
}
