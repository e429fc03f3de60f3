/** The alerts beside the charts: what has changed, or what is so now. Pointing at one marks its time on every chart. */
import type { AlertRow, TransitionRow } from '../../api/shapes.ts';
import { byId, element, setAttribute, setText } from './element.ts';
import { clock, day, duration } from './format.ts';
import { type Lives, SIGNS, severityClass } from './lives.ts';
import { hashOf, keyOf, type NodeName, type Place } from './place.ts';

const MOST_SHOWN = 200;

export interface AlertList {
  draw(): void;
  /** The alert pointed at, by pointer or focus. */
  readonly pointed: () => string | undefined;
  focus(): void;
}

export function createAlertList(lives: Lives, place: () => Place, now: () => number, pointed: () => void): AlertList {
  const list = byId('alerts', HTMLOListElement);
  const empty = byId('alerts-empty', HTMLElement);
  const counts = byId('alerts-count', HTMLElement);
  const tabs = { stream: byId('show-stream', HTMLButtonElement), active: byId('show-active', HTMLButtonElement) };
  const items = new Map<string, HTMLLIElement>();
  let mode: keyof typeof tabs = 'stream';
  let at: string | undefined;

  function rowsOf(node: NodeName | undefined): readonly (TransitionRow | AlertRow)[] {
    const rows = mode === 'stream' ? lives.stream : lives.active().map(({ row }) => row);
    const asked = node === undefined ? rows : rows.filter((row) => keyOf(row) === keyOf(node));
    return asked.slice(0, MOST_SHOWN);
  }

  function draw(): void {
    const { node } = place();
    const rows = rowsOf(node);
    const keys = new Set<string>();
    for (const [i, row] of rows.entries()) {
      const key = `${mode} ${row.alertId} ${row.state} ${node === undefined}`;
      keys.add(key);
      const known = items.get(key) ?? itemOf(row, node === undefined);
      items.set(key, known);
      if (list.children[i] !== known) list.insertBefore(known, list.children[i] ?? null);
    }
    for (const [key, item] of items) {
      if (keys.has(key)) continue;
      item.remove();
      items.delete(key);
    }
    const subject = node === undefined ? '' : ' on this node';
    setText(
      empty,
      rows.length > 0
        ? ''
        : mode === 'stream'
          ? `No alert has changed${subject} yet.`
          : `No alert is pending or firing${subject}.`,
    );
    setText(counts, countsOf(node));
  }

  function countsOf(node: NodeName | undefined): string {
    const active = lives.active().filter(({ row }) => node === undefined || keyOf(row) === keyOf(node));
    const firing = active.filter(({ row }) => row.state === 'firing').length;
    return `${firing} firing, ${active.length - firing} pending`;
  }

  function itemOf(row: TransitionRow | AlertRow, named: boolean): HTMLLIElement {
    const severity = severityClass(row.severity);
    const timeMs = 'timeMs' in row ? row.timeMs : row.sinceMs;
    const head = element(
      'span',
      { class: 'alert-head' },
      element('span', { class: 'sign', 'aria-hidden': 'true' }, row.state === 'resolved' ? '✓' : SIGNS[severity]),
      element(
        'span',
        {},
        element('strong', {}, row.alertname),
        ' ',
        element('span', { class: 'alert-state' }, `${row.severity} ${row.state}`),
      ),
      element('time', { datetime: new Date(timeMs).toISOString() }, timeOf(timeMs)),
    );
    const content: Node[] = [head];
    const what = row.annotations.summary ?? row.annotations.description;
    if (what !== undefined) content.push(element('span', { class: 'alert-what' }, what));
    const notes = [named && what?.includes(row.node) !== true ? row.node : '', lastedOf(row)].filter(
      (note) => note !== '',
    );
    if (notes.length > 0) content.push(element('span', { class: 'alert-note' }, notes.join(', ')));
    const link = element('a', { href: hashOf({ ...place(), node: row }) }, ...content);
    const item = element('li', { class: `alert ${severity} ${row.state}` }, link);
    const point = (alertId: string | undefined) => () => {
      if (at === alertId) return;
      at = alertId;
      pointed();
    };
    link.addEventListener('pointerenter', point(row.alertId));
    link.addEventListener('pointerleave', point(undefined));
    link.addEventListener('focus', point(row.alertId));
    link.addEventListener('blur', point(undefined));
    link.addEventListener('click', () => setAttribute(link, 'href', hashOf({ ...place(), node: row })));
    return item;
  }

  function timeOf(ms: number): string {
    return day(ms) === day(now()) ? clock(ms) : `${day(ms)} ${clock(ms)}`;
  }

  for (const [name, tab] of Object.entries(tabs)) {
    tab.addEventListener('click', () => {
      mode = name === 'active' ? 'active' : 'stream';
      setAttribute(tabs.stream, 'aria-pressed', String(mode === 'stream'));
      setAttribute(tabs.active, 'aria-pressed', String(mode === 'active'));
      draw();
    });
  }

  return {
    draw,
    pointed: () => at,
    focus() {
      const first = list.querySelector('a');
      (first ?? byId('alerts-title', HTMLElement)).focus();
    },
  };
}

function lastedOf(row: TransitionRow | AlertRow): string {
  if (row.state !== 'resolved' || !('timeMs' in row)) return '';
  const lasted = `lasted ${duration((row.timeMs - row.sinceMs) / 1000)}`;
  return row.wasFiring ? lasted : `${lasted}, did not fire`;
}
