/** A panel: its title, the values now or under the pointer, and the chart by uPlot, on which alerts can be marked. */
import uPlot from 'uplot';
import { element, setAttribute, setText } from './element.ts';
import { clock, day, UNKNOWN } from './format.ts';
import { type Life, severityClass } from './lives.ts';
import type { Line, Panel } from './panels.ts';

/** Of all panels of a view: seconds since the Unix epoch, and by column a value for each. */
export interface Data {
  readonly times: number[];
  readonly values: Record<string, (number | null)[]>;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Chart {
  readonly root: HTMLElement;
  draw(data: Data, span: Span): void;
  /** Paints again what lies over the lines: marks, or other colours. */
  repaint(): void;
  /** What the chart shows in words. */
  describe(of: string): void;
  destroy(): void;
}

export interface ChartContext {
  /** Alerts of what is shown, drawn as a strip. */
  readonly strips: () => readonly Life[];
  /** The one that is pointed at. */
  readonly marked: () => Life | undefined;
  readonly now: () => number;
  readonly zoom: (span: Span) => void;
  readonly unzoom: () => void;
}

const STRIP_HEIGHT = 4;
const SYNC = 'time';

export function createChart(panel: Panel, context: ChartContext): Chart {
  const titleId = `panel-${panel.id}`;
  const at = element('span', { class: 'panel-at' });
  const legend = panel.lines.map((line) => legendOf(line));
  const plot = element('div', { class: 'plot', role: 'img', 'aria-label': panel.title });
  const empty = element('p', { class: 'plot-empty' }, 'No data in this range yet');
  const shown = legend.toReversed();
  const root = element(
    'section',
    { class: 'panel', 'aria-labelledby': titleId, 'data-panel': panel.id },
    element('div', { class: 'panel-head' }, element('h2', { id: titleId }, panel.title), at),
    element('p', { class: 'legend' }, ...(panel.top === 100 ? shown : legend).map(({ root }) => root)),
    plot,
    empty,
  );
  let data: Data = { times: [], values: {} };
  let chart: uPlot | undefined;
  const resized = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = plot;
    if (width === 0) return;
    if (chart === undefined) chart = make(width, height);
    else if (chart.width !== width || chart.height !== height) chart.setSize({ width, height });
  });
  resized.observe(plot);

  let span: Span = { from: 0, to: 1 };
  /** What is painted: it is painted again when there is something new, or when time has moved by a pixel. */
  let painted = '';
  let paintedData = data;

  function make(width: number, height: number): uPlot {
    const made = new uPlot({ ...optionsOf(panel, context, follow), width, height }, columnsOf(panel, data), plot);
    made.setScale('x', { min: span.from, max: span.to });
    return made;
  }

  /** Shows the values under the pointer, or the latest. */
  function follow(): void {
    const pointed = chart?.cursor.idx ?? undefined;
    const time = pointed === undefined ? undefined : data.times[pointed];
    setText(at, time === undefined ? '' : clock(time * 1000));
    for (const { line, value } of legend) {
      const values = data.values[line.column] ?? [];
      const latest = pointed ?? values.findLastIndex((value) => value !== null);
      setText(value, panel.format(values[latest]));
    }
  }

  return {
    root,
    draw(next, nextSpan) {
      [data, span] = [next, nextSpan];
      const known = data.times.some((time) => time >= span.from && time <= span.to);
      root.classList.toggle('no-data', !known);
      const pixel = (span.to - span.from) / Math.max(1, plot.clientWidth);
      const places = [span.from, span.to].map((time) => Math.round(time / pixel));
      const news = [data.times.length, data.times[0], data.times.at(-1), ...places].join();
      if (news !== painted || data !== paintedData) {
        chart?.batch(() => {
          chart?.setData(columnsOf(panel, data), false);
          chart?.setScale('x', { min: span.from, max: span.to });
        });
        [painted, paintedData] = [chart === undefined ? '' : news, data];
      }
      follow();
    },
    repaint: () => chart?.redraw(false, true),
    describe(of) {
      const parts = panel.lines.map((line) => describeLine(line, panel, data, span));
      setAttribute(plot, 'aria-label', `${panel.title} of ${of}: ${parts.join('; ')}`);
    },
    destroy() {
      resized.disconnect();
      chart?.destroy();
    },
  };
}

function legendOf(line: Line) {
  const value = element('span', { class: 'value' }, UNKNOWN);
  const style = line.dash === undefined ? 'solid' : (line.dash[0] ?? 0) > 4 ? 'dashed' : 'dotted';
  const swatch = element('i', { class: `swatch ${line.colour} ${style}` });
  const root = element('span', { class: 'entry', 'data-column': line.column }, swatch, `${line.label} `, value);
  return { line, value, root };
}

function columnsOf(panel: Panel, { times, values }: Data): uPlot.AlignedData {
  return [times, ...panel.lines.map(({ column }) => values[column] ?? times.map(() => null))];
}

function describeLine({ column, label }: Line, { format, lines }: Panel, { times, values }: Data, span: Span): string {
  const seen = (values[column] ?? []).filter((value, i) => {
    const time = times[i] ?? 0;
    return value !== null && time >= span.from && time <= span.to;
  }) as number[];
  const name = lines.length > 1 ? `${label} ` : '';
  if (seen.length === 0) return `${name}unknown`;
  return `${name}${format(seen.at(-1))} now, from ${format(Math.min(...seen))} to ${format(Math.max(...seen))}`;
}

function optionsOf(panel: Panel, context: ChartContext, follow: () => void): Omit<uPlot.Options, 'width' | 'height'> {
  const muted = () => colourOf('muted');
  const axis = {
    stroke: muted,
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => colourOf('grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    padding: [10, 18, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: SYNC, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          context.unzoom();
          return null;
        },
      },
    },
    scales: {
      x: { time: true },
      y: {
        range: (_plot, _min, max) => [
          0,
          panel.top ?? Math.min(panel.most ?? Infinity, Math.max(panel.least ?? 1, (max ?? 0) * 1.1)),
        ],
      },
    },
    axes: [
      { ...axis, size: 24, gap: 4, space: 70, values: (_plot, splits) => timeLabels(splits) },
      {
        ...axis,
        size: 62,
        gap: 4,
        space: 32,
        incrs: panel.top === 100 ? [25, 50] : undefined,
        values: (_plot, splits) => splits.map((value) => tickOf(panel, value)),
      } as uPlot.Axis,
    ],
    series: [{}, ...panel.lines.map(seriesOf)],
    hooks: {
      setCursor: [follow],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 5) return;
          context.zoom({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') });
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        },
      ],
      draw: [(plot) => drawAlerts(plot, context)],
    },
  };
}

function seriesOf({ label, colour, dash, width = 1.5, fill, steps }: Line): uPlot.Series {
  return {
    label,
    width,
    stroke: () => colourOf(colour),
    ...(dash !== undefined && { dash: [...dash] }),
    ...(fill === true && { fill: () => `${colourOf(colour)}1f` }),
    ...(steps === true && uPlot.paths.stepped !== undefined && { paths: uPlot.paths.stepped({ align: 1 }) }),
    points: { show: (plot, series) => (plot.data[series]?.length ?? 0) < 3, size: 4 },
  };
}

/** Each alert that fired has a strip along the top; the one that is pointed at is marked from top to bottom. */
function drawAlerts(plot: uPlot, { strips, marked, now }: ChartContext): void {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio;
  const edges = (fromMs: number, toMs: number) => {
    const clamp = (x: number) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, x));
    const [left, right] = [fromMs, toMs].map((ms) => clamp(plot.valToPos(ms / 1000, 'x', true))) as [number, number];
    return { left, width: right - left };
  };
  ctx.save();
  for (const { row, firedMs, endedMs } of strips()) {
    if (firedMs === undefined) continue;
    const { left, width } = edges(firedMs, endedMs ?? now());
    ctx.fillStyle = colourOf(severityClass(row.severity));
    if (width > 0) ctx.fillRect(left, bbox.top, Math.max(width, 2 * ratio), STRIP_HEIGHT * ratio);
  }
  const life = marked();
  if (life !== undefined) {
    const colour = colourOf(severityClass(life.row.severity));
    const { left, width } = edges(life.row.sinceMs, life.endedMs ?? now());
    ctx.fillStyle = `${colour}26`;
    ctx.fillRect(left, bbox.top, Math.max(width, 2 * ratio), bbox.height);
    ctx.fillStyle = colour;
    for (const x of [left, left + width]) {
      const inside = x > bbox.left && x < bbox.left + bbox.width;
      if (inside) ctx.fillRect(Math.round(x - ratio / 2), bbox.top, Math.max(1, ratio), bbox.height);
    }
  }
  ctx.restore();
}

function tickOf({ format, top }: Panel, value: number): string {
  if (top === 100) return `${value} %`;
  return format(value)
    .replace(/\.0+(?= )/, '')
    .replace(/(\.\d)0(?= )/, '$1');
}

/** Seconds where a tick is not at a minute, and the day where one begins. */
function timeLabels(splits: readonly number[]): string[] {
  const seconds = splits.some((split) => split % 60 !== 0);
  return splits.map((split, i) => {
    const text = clock(split * 1000, seconds);
    const before = splits[i - 1];
    return before !== undefined && day(before * 1000) !== day(split * 1000) ? `${day(split * 1000)} ${text}` : text;
  });
}

const colours = new Map<string, string>();

/** A colour of the palette, #rrggbb, as the theme has it. */
function colourOf(name: string): string {
  let colour = colours.get(name);
  if (colour === undefined) {
    colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    colours.set(name, colour);
  }
  return colour;
}

export function forgetColours(): void {
  colours.clear();
}
