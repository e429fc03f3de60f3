/** What a node must have for a scenario to happen to it: where there is no array none can lose a disk. */
import type { ScenarioName } from './scenario.ts';
import type { Shape } from './shape.ts';

interface Need {
  /** Said of a node. */
  readonly what: string;
  readonly isMet: (shape: Shape) => boolean;
}

const NEEDS: Partial<Record<ScenarioName, Need>> = {
  'cpu-steal': { what: 'that is virtual', isMet: ({ metal }) => !metal },
  'swap-storm': { what: 'that has swap', isMet: ({ swap }) => swap > 0 },
  overheat: { what: 'that has sensors', isMet: ({ metal }) => metal },
  'raid-degraded': {
    what: 'that has an array',
    isMet: ({ disks }) => disks.some(({ device }) => device.startsWith('md')),
  },
};

export function canHappen(name: ScenarioName, shape: Shape): boolean {
  return NEEDS[name]?.isMet(shape) ?? true;
}

/** What a node must be, to follow the words "a node of the fleet"; nothing if any will do. */
export function needOf(name: ScenarioName): string | undefined {
  return NEEDS[name]?.what;
}
