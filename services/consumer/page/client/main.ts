/** The live page: what the consumer tells on its stream, in six panels and a list of alerts, of all nodes or of one. */
import type { AlertsAnswer, FleetPoint, Hello, NodeRow, SeriesAnswer, Tick, TransitionRow } from '../../api/shapes.ts';
import { createAlertList } from './alert-list.ts';
import { type Chart, createChart, type Data, forgetColours, type Span } from './chart.ts';
import { ask, connect } from './connection.ts';
import { byId, element, setAttribute, setText } from './element.ts';
import { createFleetTable, worstFirst } from './fleet-table.ts';
import { clock, duration, load } from './format.ts';
import { createKeys } from './keys.ts';
import { Lives } from './lives.ts';
import { FLEET_PANELS, NODE_PANELS } from './panels.ts';
import { createPicker } from './picker.ts';
import { hashOf, keyOf, type NodeName, type Place, placeOf, RANGES } from './place.ts';
import { createTheme } from './theme.ts';

/** A node, and when it was heard by the consumer's clock. */
type Known = NodeRow & { readonly heardMs: number };

/** More points than that are asked for anew: the consumer makes fewer of them. */
const MOST_POINTS = 4000;
const DESCRIBE_EVERY_MS = 10_000;
const SILENT_REDRAW_MS = 5_000;

const nodes = new Map<string, Known>();
const lives = new Lives();
let place: Place = placeOf(location.hash);
let data: Data = emptyData();
let charts: Chart[] = [];
let zoomed: Span | undefined;
/** What was shown when it was paused. */
let paused: Span | undefined;
let hello: Hello | undefined;
let fresh = true;
let disconnectedSince: number | undefined = Date.now();
let seriesTrouble: string | undefined;
/** The consumer's clock less this page's. */
let offset = Date.now() - performance.now();
let described = 0;

const serverNow = () => performance.now() + offset;
const ageOf = (row: NodeRow) => (serverNow() - (nodes.get(keyOf(row))?.heardMs ?? serverNow())) / 1000;
const ordered = () => [...nodes.values()].sort((a, b) => worstFirst(a, b) || (keyOf(a) < keyOf(b) ? -1 : 1));

const list = createAlertList(
  lives,
  () => place,
  serverNow,
  () => {
    for (const chart of charts) chart.repaint();
  },
);
const fleet = createFleetTable(byId('fleet', HTMLElement), () => place);
const picker = createPicker(ordered, (node) => go({ ...place, node }));
const theme = createTheme(() => {
  forgetColours();
  for (const chart of charts) chart.repaint();
});

// What is shown

function emptyData(): Data {
  return { times: [], values: {} };
}

function spanNow(): Span {
  if (zoomed !== undefined) return zoomed;
  if (paused !== undefined) return { from: paused.to - place.rangeMs / 1000, to: paused.to };
  const to = Math.max(serverNow() / 1000, data.times.at(-1) ?? 0);
  return { from: to - place.rangeMs / 1000, to };
}

function makeCharts(): void {
  for (const chart of charts) chart.destroy();
  const panels = place.node === undefined ? FLEET_PANELS : NODE_PANELS;
  const { node } = place;
  const context = {
    strips: () => (node === undefined ? [] : [...lives.values()].filter(({ row }) => keyOf(row) === keyOf(node))),
    marked: () => {
      const alertId = list.pointed();
      return alertId === undefined ? undefined : lives.get(alertId);
    },
    now: serverNow,
    zoom: (span: Span) => {
      zoomed = span;
      draw();
    },
    unzoom: backToNow,
  };
  charts = panels.map((panel) => createChart(panel, context));
  byId('charts', HTMLElement).replaceChildren(...charts.map(({ root }) => root));
}

async function loadSeries(): Promise<void> {
  const { node, rangeMs } = place;
  const asked = place;
  const since = { since: String(Math.max(0, Math.floor(serverNow() - rangeMs))) };
  try {
    const answer = await ask<SeriesAnswer>('series', node === undefined ? since : { ...since, ...nameOf(node) });
    if (place !== asked) return;
    seriesTrouble = undefined;
    const { times, series } = answer;
    const values = Object.fromEntries(Object.entries(series).map(([column, of]) => [column, [...of]]));
    data = { times: times.map((ms) => ms / 1000), values };
    const row = node === undefined ? undefined : nodes.get(keyOf(node));
    if (row !== undefined) addPoint(row.timeMs, row, 3 * row.intervalSeconds);
  } catch (error) {
    if (place !== asked) return;
    seriesTrouble = error instanceof Error ? error.message : String(error);
  }
  described = 0;
  draw();
}

async function loadAlerts(): Promise<void> {
  try {
    const { active, recent } = await ask<AlertsAnswer>('alerts');
    lives.load(active, recent);
    schedule();
  } catch {
    // The stream says what is wrong; they are asked for again when it is not.
    hello = undefined;
  }
}

function addPoint(timeMs: number, row: object, gapSeconds: number): void {
  const time = timeMs / 1000;
  const last = data.times.at(-1);
  if (last !== undefined && time <= last) {
    // A node's clock that was set back begins anew, here as in the consumer.
    if (time < last - gapSeconds) void loadSeries();
    return;
  }
  const columns = (place.node === undefined ? FLEET_PANELS : NODE_PANELS).flatMap(({ lines }) => lines);
  const gap = last !== undefined && time - last > gapSeconds;
  if (gap) data.times.push((last + time) / 2);
  data.times.push(time);
  const figures = row as Readonly<Record<string, number | undefined>>;
  for (const { column } of columns) {
    data.values[column] ??= Array.from({ length: data.times.length - (gap ? 2 : 1) }, () => null);
    if (gap) data.values[column]?.push(null);
    data.values[column]?.push(figures[column] ?? null);
  }
  if (data.times.length > MOST_POINTS) void loadSeries();
}

function nameOf({ cluster, node }: NodeName): Readonly<Record<string, string>> {
  return { cluster, node };
}

// Drawing, at most once a frame

let scheduled = false;

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    if (paused === undefined) draw();
    else drawConnection();
  });
}

function draw(): void {
  drawConnection();
  const row = place.node === undefined ? undefined : nodes.get(keyOf(place.node));
  drawSubject(row);
  const span = spanNow();
  for (const chart of charts) chart.draw(data, span);
  if (performance.now() - described > DESCRIBE_EVERY_MS) {
    described = performance.now();
    for (const chart of charts) chart.describe(place.node?.node ?? 'all nodes');
  }
  byId('content', HTMLElement).classList.toggle('one-node', place.node !== undefined);
  byId('fleet', HTMLElement).hidden = place.node !== undefined;
  if (place.node === undefined) fleet.draw([...nodes.values()], ageOf);
  list.draw();
  byId('live', HTMLButtonElement).hidden = zoomed === undefined;
}

function drawConnection(): void {
  const connection = byId('connection', HTMLElement);
  const status =
    disconnectedSince !== undefined ? 'disconnected' : paused !== undefined ? 'paused' : fresh ? 'live' : 'waiting';
  setText(connection, status);
  setAttribute(connection, 'class', `connection ${status}`);
  const notice = byId('notice', HTMLElement);
  const text = noticeOf();
  setText(notice, text);
  notice.hidden = text === '';
}

function noticeOf(): string {
  if (disconnectedSince !== undefined) {
    if (hello === undefined && nodes.size === 0) return 'Not connected to the consumer yet. Trying again …';
    return `Not connected to the consumer since ${clock(disconnectedSince)}: what is shown is of then. Trying again …`;
  }
  if (!fresh) {
    return 'This replica is not certain which nodes are its own. They are shown as soon as the group has confirmed it.';
  }
  if (nodes.size === 0) return 'No node has been heard yet.';
  const { node } = place;
  if (node === undefined) return seriesTrouble === undefined ? '' : `The charts cannot be had: ${seriesTrouble}`;
  const row = nodes.get(keyOf(node));
  if (row === undefined) return `This replica knows no node ${node.node} in ${node.cluster}; another may.`;
  return row.up ? '' : `${node.node} has been silent for ${duration(ageOf(row))}.`;
}

function drawSubject(row: Known | undefined): void {
  setText(byId('subject', HTMLElement), place.node?.node ?? 'All nodes');
  const facts = place.node === undefined ? fleetFacts() : row === undefined ? [] : nodeFacts(row);
  if (hello?.historyBytes === 0) facts.push('no history is kept: the charts begin when this page was opened');
  setText(byId('facts', HTMLElement), facts.join(' · '));
  const firing = lives.active().filter(({ row }) => row.state === 'firing').length;
  document.title = `${firing > 0 ? `(${firing}) ` : ''}${place.node?.node ?? 'System monitoring'}`;
}

function fleetFacts(): string[] {
  const known = [...nodes.values()];
  const troubled = known.filter(({ alertsFiring }) => alertsFiring > 0).length;
  const up = `${known.filter(({ up }) => up).length} of ${known.length} up`;
  return [up, troubled === 0 ? 'no alert fires' : `alerts fire on ${troubled}`];
}

function nodeFacts(row: Known): string[] {
  const facts = [
    row.cluster,
    row.up ? `heard ${duration(ageOf(row))} ago` : 'silent',
    `measured every ${duration(row.intervalSeconds)}`,
  ];
  if (row.load1 !== undefined) facts.push(`load ${load(row.load1)}`);
  if (row.diskMountpoint !== undefined) facts.push(`fullest disk ${row.diskMountpoint}`);
  return facts;
}

// Going places

function go(next: Place): void {
  if (hashOf(next) === hashOf(place)) return;
  location.hash = hashOf(next);
}

function arrive(): void {
  const next = placeOf(location.hash);
  const others =
    next.node === undefined
      ? place.node !== undefined
      : place.node === undefined || keyOf(next.node) !== keyOf(place.node);
  place = next;
  zoomed = undefined;
  data = emptyData();
  seriesTrouble = undefined;
  described = 0;
  if (others) {
    makeCharts();
    window.scrollTo(0, 0);
  }
  picker.show(place.node);
  for (const input of document.querySelectorAll<HTMLInputElement>('#ranges input')) {
    input.checked = Number(input.value) === place.rangeMs;
  }
  draw();
  void loadSeries();
}

function backToNow(): void {
  zoomed = undefined;
  draw();
}

function pause(): void {
  paused = paused === undefined ? spanNow() : undefined;
  const button = byId('pause', HTMLButtonElement);
  setAttribute(button, 'aria-pressed', String(paused !== undefined));
  setText(button, paused === undefined ? 'Pause' : 'Resume');
  draw();
}

function neighbour(by: number): void {
  const order = place.node === undefined ? fleet.order() : ordered();
  const { node } = place;
  const at = node === undefined ? (by > 0 ? -1 : 0) : order.findIndex((row) => keyOf(row) === keyOf(node));
  const next = order[(at + by + order.length) % order.length];
  if (next !== undefined) go({ ...place, node: next });
}

// What the consumer tells

function heardAt(timeMs: number): void {
  offset = timeMs - performance.now();
  disconnectedSince = undefined;
}

function takeRows(rows: readonly NodeRow[], timeMs: number): void {
  for (const row of rows) nodes.set(keyOf(row), { ...row, heardMs: timeMs - row.ageSeconds * 1000 });
}

function takeTick({ timeMs, fresh: certain, nodes: rows, gone, fleet }: Tick, all: boolean): void {
  heardAt(timeMs);
  fresh = certain;
  if (all || !fresh) nodes.clear();
  takeRows(rows, timeMs);
  for (const name of gone) {
    nodes.delete(keyOf(name));
    lives.forget(name.cluster, name.node);
  }
  addNews(rows, fleet);
  if (hello !== undefined && fresh && wanting) void loadAlerts();
  wanting &&= !fresh;
  schedule();
}

/** Whether the alerts are yet to be asked for. */
let wanting = false;

function addNews(rows: readonly NodeRow[], fleet: FleetPoint | undefined): void {
  const { node } = place;
  if (node === undefined) {
    if (fleet !== undefined) addPoint(fleet.timeMs, fleet, 15);
    return;
  }
  const row = rows.find((row) => keyOf(row) === keyOf(node));
  if (row?.up === true) addPoint(row.timeMs, row, 3 * row.intervalSeconds);
}

connect({
  hello(message) {
    if (hello !== undefined && hello.version !== message.version) return location.reload();
    wanting = !message.resumed || hello === undefined;
    hello = message;
    heardAt(message.timeMs);
    setText(
      byId('footer', HTMLElement),
      `Nodes of this replica, ${message.replica}. Where several share the nodes, each shows its own. Version ${message.version}.`,
    );
    void loadSeries();
  },
  nodes: (tick) => takeTick(tick, true),
  tick: (tick) => takeTick(tick, false),
  transition(row) {
    if (lives.take(row)) announce(row);
    schedule();
  },
  reset() {
    void loadAlerts();
  },
  disconnected() {
    disconnectedSince ??= Date.now();
    schedule();
  },
});

function announce({ alertname, node, severity, state }: TransitionRow): void {
  if (state === 'firing') setText(byId('announcer', HTMLElement), `${severity}: ${alertname} fires on ${node}`);
}

// What people do

const ranges = byId('ranges', HTMLFieldSetElement);
for (const { label, ms } of RANGES) {
  const input = element('input', { type: 'radio', name: 'range', value: ms });
  input.addEventListener('change', () => go({ ...place, rangeMs: ms }));
  ranges.append(element('label', {}, input, element('span', {}, label)));
}
byId('pause', HTMLButtonElement).addEventListener('click', pause);
byId('live', HTMLButtonElement).addEventListener('click', backToNow);
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  byId('content', HTMLElement).focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.defaultPrevented) backToNow();
});
createKeys([
  { keys: ['/'], what: 'Find a node', run: () => picker.focus() },
  { keys: ['f'], what: 'All nodes', run: () => go({ ...place, node: undefined }) },
  { keys: ['j'], what: 'The next node, from the worst on', run: () => neighbour(1) },
  { keys: ['k'], what: 'The node before', run: () => neighbour(-1) },
  { keys: ['a'], what: 'To the alerts', run: () => list.focus() },
  ...RANGES.map(({ label, ms }, i) => ({
    keys: [String(i + 1)],
    what: `The last ${label}`,
    run: () => go({ ...place, rangeMs: ms }),
  })),
  { keys: [' ', 'p'], what: 'Pause, and go on', run: pause },
  { keys: ['t'], what: 'Light or dark', run: theme.toggle },
]);
window.addEventListener('hashchange', arrive);
setInterval(() => {
  if (paused === undefined) schedule();
}, SILENT_REDRAW_MS);
makeCharts();
arrive();
