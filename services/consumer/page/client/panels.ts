/** What each panel shows, of one node and of all: the same places on the screen, so that the eye stays where it is. */
import type { FleetColumn, NodeColumn } from '../../api/shapes.ts';
import { bytesPerSecond, count, type Format, percent } from './format.ts';

/** A line. Those of one panel differ in shape as well as in colour. */
export interface Line {
  readonly column: NodeColumn | FleetColumn;
  readonly label: string;
  /** Of the palette in style.css. */
  readonly colour: 'blue' | 'orange' | 'green' | 'vermilion' | 'purple' | 'grey';
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly fill?: boolean;
  /** Holds its value until the next point. */
  readonly steps?: boolean;
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly format: Format;
  /** The top of the scale; if it is not fixed, a little more than the highest value, from `least` to `most`. */
  readonly top?: number;
  readonly least?: number;
  readonly most?: number;
  readonly lines: readonly Line[];
}

const DASHED = [7, 4];
const DOTTED = [2, 4];

const spread = (name: 'cpu' | 'memory' | 'disk', colour: Line['colour']): readonly Line[] => [
  { column: `${name}PercentMax`, label: 'max', colour: 'grey', dash: DOTTED, width: 1.25 },
  { column: `${name}PercentHigh`, label: 'p90', colour, dash: DASHED, width: 1.25 },
  { column: `${name}PercentMedian`, label: 'median', colour, width: 2, fill: true },
];

const network: readonly Line[] = [
  { column: 'networkReceiveBytesPerSecond', label: 'in', colour: 'blue', width: 1.75, fill: true },
  { column: 'networkTransmitBytesPerSecond', label: 'out', colour: 'orange', width: 1.5, dash: DASHED },
];

export const NODE_PANELS: readonly Panel[] = [
  {
    id: 'cpu',
    title: 'CPU',
    format: percent,
    top: 100,
    lines: [{ column: 'cpuPercent', label: 'busy', colour: 'blue', width: 1.75, fill: true }],
  },
  {
    id: 'memory',
    title: 'Memory',
    format: percent,
    top: 100,
    lines: [{ column: 'memoryPercent', label: 'used', colour: 'green', width: 1.75, fill: true }],
  },
  {
    id: 'disk',
    title: 'Fullest disk',
    format: percent,
    top: 100,
    lines: [{ column: 'diskPercent', label: 'used', colour: 'purple', width: 1.75, fill: true }],
  },
  { id: 'network', title: 'Network', format: bytesPerSecond, least: 1000, lines: network },
  {
    id: 'pressure',
    title: 'Time that tasks wait',
    format: percent,
    least: 10,
    most: 100,
    lines: [
      { column: 'cpuPressurePercent', label: 'CPU', colour: 'blue', width: 1.75, fill: true },
      { column: 'memoryPressurePercent', label: 'memory', colour: 'green', width: 1.5, dash: DASHED },
      { column: 'ioPressurePercent', label: 'disk', colour: 'purple', width: 1.5, dash: DOTTED },
    ],
  },
  {
    id: 'alerts',
    title: 'Alert count',
    format: count,
    least: 4,
    lines: [
      { column: 'alertsFiring', label: 'firing', colour: 'vermilion', width: 2, fill: true, steps: true },
      { column: 'alertsPending', label: 'pending', colour: 'grey', width: 1.5, dash: DASHED, steps: true },
    ],
  },
];

export const FLEET_PANELS: readonly Panel[] = [
  { id: 'cpu', title: 'CPU', format: percent, top: 100, lines: spread('cpu', 'blue') },
  { id: 'memory', title: 'Memory', format: percent, top: 100, lines: spread('memory', 'green') },
  { id: 'disk', title: 'Fullest disk', format: percent, top: 100, lines: spread('disk', 'purple') },
  { id: 'network', title: 'Network, all nodes', format: bytesPerSecond, least: 1000, lines: network },
  {
    id: 'nodes',
    title: 'Nodes',
    format: count,
    least: 2,
    lines: [
      { column: 'nodes', label: 'known', colour: 'grey', width: 1.5, dash: DASHED, steps: true },
      { column: 'nodesUp', label: 'up', colour: 'green', width: 1.75, fill: true, steps: true },
    ],
  },
  {
    id: 'alerts',
    title: 'Alert count',
    format: count,
    least: 4,
    lines: [
      { column: 'alertsCritical', label: 'critical', colour: 'vermilion', width: 2, fill: true, steps: true },
      { column: 'alertsWarning', label: 'warning', colour: 'orange', width: 1.75, dash: DASHED, steps: true },
      { column: 'alertsInfo', label: 'info', colour: 'blue', width: 1.5, dash: DOTTED, steps: true },
      { column: 'alertsPending', label: 'pending', colour: 'grey', width: 1.25, dash: DOTTED, steps: true },
    ],
  },
];
