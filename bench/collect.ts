/**
 * Measuring this machine: our collectors, and systeminformation asked for the same things. Once a second, since the latter
 * answers from memory when it is asked sooner. Child processes count: it starts some at every tick.
 */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import si from 'systeminformation';
import { collectAll } from '../services/producer/collector.ts';
import { standardCollectors } from '../services/producer/collectors/index.ts';
import { openHost } from '../services/producer/host/proc.ts';
import type { Figures } from './main.ts';

const TICKS = 10;
const TICK_MS = 1050;

const SIDES: { readonly [side: string]: () => () => unknown } = {
  direct() {
    const host = openHost('/');
    const collectors = standardCollectors({ nodename: 'bench', machine: 'bench', now: Date.now });
    return () => collectAll(collectors, host, () => performance.now());
  },
  systeminformation: () => () =>
    Promise.all([si.currentLoad(), si.mem(), si.disksIO(), si.fsSize(), si.networkStats('*'), si.osInfo()]),
};

/** CPU of the children that have ended, in milliseconds: the kernel tells it in ticks of 10. */
function childrenMs(): number {
  const afterName = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [cutime, cstime] = [afterName[13], afterName[14]];
  return (Number(cutime) + Number(cstime)) * 10;
}

const collect = SIDES[process.argv[2] ?? '']?.();
if (collect === undefined) throw new Error(`expected one of ${Object.keys(SIDES).join(', ')}`);
for (let warmUp = 0; warmUp < 2; warmUp++) {
  await collect();
  await setTimeout(TICK_MS);
}
let ownUs = 0;
const childrenBefore = childrenMs();
for (let tick = 0; tick < TICKS; tick++) {
  const before = process.cpuUsage();
  await collect();
  const { user, system } = process.cpuUsage(before);
  ownUs += user + system;
  await setTimeout(TICK_MS);
}
const figures: Figures = { 'CPU ms per collection': (ownUs / 1000 + childrenMs() - childrenBefore) / TICKS };
process.stdout.write(JSON.stringify(figures));
