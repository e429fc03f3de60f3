/** The nodes as a table, the worst first. Rows stay where they are while somebody points at them. */
import type { NodeRow } from '../../api/shapes.ts';
import { element, setAttribute, setText } from './element.ts';
import { bytesPerSecond, count, duration, type Format, load, percent } from './format.ts';
import { SIGNS, severityClass } from './lives.ts';
import { hashOf, keyOf, type Place } from './place.ts';

const ROWS_AT_A_TIME = 50;
const ORDER_EVERY_MS = 5000;
/** From here on a bar says by its colour that there is little left. */
const HIGH_PERCENT = 90;

interface Column {
  readonly title: string;
  readonly of: (row: NodeRow) => number | undefined;
  readonly format: Format;
  readonly bar?: boolean;
  /** Left out on narrow screens. */
  readonly wide?: boolean;
}

const pressureOf = (row: NodeRow) => {
  const known = [row.cpuPressurePercent, row.memoryPressurePercent, row.ioPressurePercent].filter(
    (of) => of !== undefined,
  );
  return known.length === 0 ? undefined : Math.max(...known);
};

const COLUMNS: readonly Column[] = [
  { title: 'CPU', of: (row) => row.cpuPercent, format: percent, bar: true },
  { title: 'Memory', of: (row) => row.memoryPercent, format: percent, bar: true },
  { title: 'Disk', of: (row) => row.diskPercent, format: percent, bar: true },
  { title: 'In', of: (row) => row.networkReceiveBytesPerSecond, format: bytesPerSecond, wide: true },
  { title: 'Out', of: (row) => row.networkTransmitBytesPerSecond, format: bytesPerSecond, wide: true },
  { title: 'Waiting', of: pressureOf, format: percent, wide: true },
  { title: 'Load', of: (row) => row.load1, format: load, wide: true },
];

interface Shown {
  readonly root: HTMLTableRowElement;
  update(row: NodeRow, age: number, manyClusters: boolean): void;
}

export interface FleetTable {
  draw(rows: readonly NodeRow[], ageOf: (row: NodeRow) => number): void;
  /** As they are shown: for going from one to the next. */
  readonly order: () => readonly NodeRow[];
}

export function createFleetTable(container: HTMLElement, place: () => Place): FleetTable {
  const body = element('tbody');
  const headers = COLUMNS.map((column) => headerOf(column));
  const nodeHeader = headerOf({ title: 'Node' });
  const alertsHeader = headerOf({ title: 'Alerts' });
  const head = element('tr', {}, ...[nodeHeader, ...headers, alertsHeader].map(({ cell }) => cell));
  const table = element(
    'table',
    {},
    element('caption', { class: 'hidden' }, 'Nodes, worst first'),
    element('thead', {}, head),
    body,
  );
  const more = element('button', { type: 'button', class: 'more', hidden: true });
  container.append(table, more);

  const shown = new Map<string, Shown>();
  let latest: readonly NodeRow[] = [];
  let order: NodeRow[] = [];
  let ordered = 0;
  let most = ROWS_AT_A_TIME;
  let sortedBy = alertsHeader;
  let ageOf: (row: NodeRow) => number = () => 0;

  function headerOf({ title, of, wide }: Pick<Column, 'title'> & Partial<Column>) {
    const button = element('button', { type: 'button' }, title);
    const cell = element('th', { scope: 'col', class: wide === true ? 'wide' : undefined }, button);
    const compare = of === undefined ? (title === 'Node' ? byName : worstFirst) : descending(of);
    const header = { cell, compare };
    button.addEventListener('click', () => {
      sortedBy = header;
      sort();
      render();
    });
    return header;
  }

  function sort(): void {
    ordered = performance.now();
    order = latest.toSorted((a, b) => sortedBy.compare(a, b) || byName(a, b));
    for (const header of [nodeHeader, ...headers, alertsHeader]) {
      const direction = header === nodeHeader ? 'ascending' : 'descending';
      if (header === sortedBy) setAttribute(header.cell, 'aria-sort', direction);
      else header.cell.removeAttribute('aria-sort');
    }
  }

  function render(): void {
    const current = new Map(latest.map((row) => [keyOf(row), row]));
    order = order.map((row) => current.get(keyOf(row))).filter((row) => row !== undefined);
    const rows = order.slice(0, most);
    const keys = new Set(rows.map(keyOf));
    for (const [key, { root }] of shown) {
      if (keys.has(key)) continue;
      root.remove();
      shown.delete(key);
    }
    const manyClusters = new Set(latest.map(({ cluster }) => cluster)).size > 1;
    for (const [i, row] of rows.entries()) {
      const key = keyOf(row);
      const known = shown.get(key) ?? createRow(row, place);
      shown.set(key, known);
      known.update(row, ageOf(row), manyClusters);
      if (body.children[i] !== known.root) body.insertBefore(known.root, body.children[i] ?? null);
    }
    const left = order.length - rows.length;
    more.hidden = left <= 0;
    setText(more, `Show ${Math.min(left, ROWS_AT_A_TIME)} more of ${left}`);
  }

  more.addEventListener('click', () => {
    most += ROWS_AT_A_TIME;
    render();
  });

  return {
    draw(rows, age) {
      ageOf = age;
      const known = new Set(order.map(keyOf));
      const others = rows.length !== order.length || rows.some((row) => !known.has(keyOf(row)));
      latest = rows;
      const inUse = table.matches(':hover') || table.contains(document.activeElement);
      if (others || (!inUse && performance.now() - ordered >= ORDER_EVERY_MS)) sort();
      render();
    },
    order: () => order,
  };
}

function createRow(of: NodeRow, place: () => Place): Shown {
  const link = element('a', {}, of.node);
  const cluster = element('span', { class: 'cluster' });
  const status = element('span', { class: 'status' });
  const cells = COLUMNS.map(({ bar, wide }) => {
    const value = element('span', { class: 'number' });
    const cell = element('td', { class: wide === true ? 'wide' : undefined });
    const fill = bar === true ? element('span', { class: 'bar-fill' }) : undefined;
    if (fill !== undefined) cell.append(element('span', { class: 'bar-track', 'aria-hidden': 'true' }, fill));
    cell.append(value);
    return { cell, value, fill };
  });
  const alerts = element('td', { class: 'row-alerts' });
  const name = element('th', { scope: 'row' }, link, cluster, status);
  const root = element('tr', {}, name, ...cells.map(({ cell }) => cell), alerts);
  root.addEventListener('click', (event) => {
    if (!(event.target instanceof HTMLAnchorElement)) link.click();
  });
  return {
    root,
    update(row, age, manyClusters) {
      setAttribute(link, 'href', hashOf({ ...place(), node: row }));
      setText(cluster, manyClusters ? row.cluster : '');
      setText(status, row.up ? '' : `silent for ${duration(age)}`);
      root.classList.toggle('silent', !row.up);
      for (const [i, { of, format }] of COLUMNS.entries()) {
        const cell = cells[i];
        const value = of(row);
        if (cell === undefined) continue;
        setText(cell.value, format(value));
        const width = `${value ?? 0}%`;
        if (cell.fill !== undefined && cell.fill.style.width !== width) cell.fill.style.width = width;
        cell.fill?.classList.toggle('high', (value ?? 0) >= HIGH_PERCENT);
      }
      const severity = severityClass(row.worstSeverity);
      alerts.className = `row-alerts ${row.alertsFiring > 0 ? severity : ''}`;
      const pending = row.alertsPending > 0 ? ` +${row.alertsPending} pending` : '';
      const firing = row.alertsFiring > 0 ? `${SIGNS[severity]} ${count(row.alertsFiring)} ${severity}` : '';
      setText(alerts, `${firing}${pending}`.trim());
    },
  };
}

type Compare = (a: NodeRow, b: NodeRow) => number;

const byName: Compare = (a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0);

const descending =
  (of: Column['of']): Compare =>
  (a, b) =>
    (of(b) ?? -1) - (of(a) ?? -1);

/** What needs somebody first: critical alerts, silence, other alerts; then whatever is nearest to its limit. */
export const worstFirst: Compare = (a, b) => rankOf(b) - rankOf(a);

function rankOf(row: NodeRow): number {
  const severity = row.alertsFiring === 0 ? undefined : severityClass(row.worstSeverity);
  const rank = severity === 'critical' ? 4 : !row.up ? 3 : severity === 'warning' ? 2 : severity === 'info' ? 1 : 0;
  return rank * 1000 + Math.max(row.cpuPercent ?? 0, row.memoryPercent ?? 0, row.diskPercent ?? 0);
}
