/**
 * Whether what is written can be read on a screen 1440 and on one 390 pixels wide, by Grafana's grid: 24 columns with gaps of 8 pixels, rows of
 * 30 pixels with the same gaps; below 769 pixels every panel is as wide as the screen. Widths of text are those of its font, on average. Pure.
 */

import { type Dashboard, type Panel, panelsOf } from './model.ts';
import type { Finding } from './rules.ts';

const COLUMNS = 24;
const GAP_PX = 8;
const ROW_PX = 30;
/** What is left and right of the grid. */
const MARGINS_PX = 32;
const SCREENS_PX = [1440, 390];
const ONE_COLUMN_BELOW_PX = 769;

/** Inter at 14 pixels, the weight of titles; figures are measured at the font's widest. */
const TITLE_GLYPH_PX = 7.4;
/** Padding, the mark of the description and the menu. */
const BESIDE_TITLE_PX = 56;
const CELL_GLYPH_PX = 7.2;
const CELL_PADDING_PX = 16;
const COLUMN_LEAST_PX = 70;

/** Below it a kind of panel shows no more than its frame: pixels. */
const LEAST: Readonly<Record<string, { readonly width: number; readonly height: number }>> = {
  timeseries: { width: 320, height: 200 },
  heatmap: { width: 320, height: 200 },
  bargauge: { width: 320, height: 160 },
  table: { width: 320, height: 200 },
  logs: { width: 320, height: 200 },
  stat: { width: 160, height: 110 },
};

export function layoutFindings(dashboard: Dashboard): readonly Finding[] {
  const findings: Finding[] = [];
  for (const panel of panelsOf(dashboard)) {
    const tell = (problem: string) =>
      findings.push({ rule: 'layout', place: `${dashboard.title} / ${panel.title}`, problem });
    for (const screen of SCREENS_PX)
      for (const problem of readable(panel, screen)) tell(`${problem} at ${screen} pixels`);
    for (const problem of columnProblems(panel)) tell(problem);
  }
  for (const [one, other] of overlapping(panelsOf(dashboard))) {
    findings.push({ rule: 'layout', place: `${dashboard.title} / ${one.title}`, problem: `overlaps ${other.title}` });
  }
  return findings;
}

function* readable({ title = '', type, gridPos, targets = [], options }: Panel, screen: number): Generator<string> {
  if (gridPos === undefined) return yield 'has no place';
  const width = pixelsOf(gridPos.w, screen);
  const height = gridPos.h * (ROW_PX + GAP_PX) - GAP_PX;
  const needed = title.length * TITLE_GLYPH_PX + BESIDE_TITLE_PX;
  if (needed > width) yield `its title takes ${Math.ceil(needed)} of ${Math.floor(width)} pixels`;
  const least = LEAST[type];
  if (least === undefined) yield `is a ${type}, of which nobody has said how large it has to be`;
  else if (width < least.width || height < least.height) yield `is ${Math.floor(width)} × ${height} pixels`;
  const figures = targets.filter(({ hide }) => hide !== true).length;
  if (type !== 'stat' || figures < 2) return;
  const stacked = options?.orientation === 'horizontal';
  const [each, enough] = stacked
    ? [height / figures, FIGURE_LEAST_PX.height]
    : [width / figures, FIGURE_LEAST_PX.width];
  if (each < enough) yield `each of its ${figures} figures has ${Math.floor(each)} pixels`;
}

/** One of several numbers with its name: beside each other, or with their names in lines below each other. */
const FIGURE_LEAST_PX = { width: 110, height: 40 };

const pixelsOf = (columns: number, screen: number): number => {
  const all = screen - MARGINS_PX;
  return screen < ONE_COLUMN_BELOW_PX ? all : ((all + GAP_PX) / COLUMNS) * columns - GAP_PX;
};

/** A table fits the wide screen and is pushed aside on the narrow one, so what a row is about comes first. */
function* columnProblems({ type, transformations = [], fieldConfig, gridPos }: Panel): Generator<string> {
  if (type !== 'table' || gridPos === undefined) return;
  const names = transformations.flatMap(({ options }) => Object.values(options.renameByName ?? {}));
  const given = (name: string): number | undefined => {
    const properties = fieldConfig?.overrides.find(({ matcher }) => matcher.options === name)?.properties ?? [];
    return properties.find(({ id }) => id === 'custom.width')?.value as number | undefined;
  };
  let all = 0;
  for (const name of names) {
    const heading = name.length * CELL_GLYPH_PX + CELL_PADDING_PX;
    const width = given(name) ?? Math.max(heading, COLUMN_LEAST_PX);
    if (width < heading) yield `the heading ${name} takes ${Math.ceil(heading)} of ${width} pixels`;
    all += width;
  }
  const room = pixelsOf(gridPos.w, Math.max(...SCREENS_PX));
  if (all > room) yield `its columns take ${Math.ceil(all)} of ${Math.floor(room)} pixels`;
}

function* overlapping(panels: readonly Panel[]): Generator<readonly [Panel, Panel]> {
  for (const [index, one] of panels.entries()) {
    for (const other of panels.slice(index + 1)) {
      const [a, b] = [one.gridPos, other.gridPos];
      if (a === undefined || b === undefined) continue;
      if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) yield [one, other];
    }
  }
}
