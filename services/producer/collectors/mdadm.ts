/**
 * /proc/mdstat: software RAID. A line for the array, one with its size and disks, and one for work that is going on:
 *
 *   Personalities : [raid1]
 *   md6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]
 *         195310144 blocks [2/1] [U_]
 *         [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec
 *
 *   unused devices: <none>
 *
 * (F) is a failed disk, (S) a spare one, [2/1] says that two are required and one is there. /sys/block/md6/md has the rest.
 * https://www.kernel.org/doc/html/latest/admin-guide/md.html
 */

import type { Collector } from '../collector.ts';
import { textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';

const FILE = '/proc/mdstat';

/** What an array is doing, as the kernel calls it and as the label says. A reshape is told by none being 1. */
const STATES = [
  ['active', 'active'],
  ['inactive', 'inactive'],
  ['recovery', 'recovering'],
  ['resync', 'resync'],
  ['check', 'check'],
] as const;

export interface RaidArray {
  readonly device: string;
  readonly state: string;
  /** Disks: all that it needs, those it has, those that failed, those that wait. */
  readonly required: number;
  readonly active: number;
  readonly failed: number;
  readonly spare: number;
  /** Blocks of 1024 bytes. */
  readonly blocks: number;
  readonly synced: number;
}

export function mdadm(): Collector {
  return {
    name: 'mdadm',
    collect(host, emit) {
      const text = host.read('proc/mdstat');
      if (text === undefined) return;
      const arrays = parseMdstat(text);
      for (const { device, state, required, active, failed, spare, blocks, synced } of arrays) {
        emit('node_md_disks_required', required, { device });
        emit('node_md_disks', active, { device, state: 'active' });
        emit('node_md_disks', failed, { device, state: 'failed' });
        emit('node_md_disks', spare, { device, state: 'spare' });
        for (const [word, label] of STATES) emit('node_md_state', state === word ? 1 : 0, { device, state: label });
        emit('node_md_blocks', blocks, { device });
        emit('node_md_blocks_synced', synced, { device });
      }
      for (const { device } of arrays) {
        const path = `sys/block/${device}/md`;
        emit('node_md_raid_disks', raidDisks(host, path), { device });
        const degraded = textIn(host, `${path}/degraded`);
        emit('node_md_degraded', degraded === undefined ? undefined : decimal(degraded), { device });
      }
    },
  };
}

/** While an array grows it says `11 (10)`: how many it will have, and had. Empty for one that is not assembled. */
function raidDisks(host: Host, path: string): number | undefined {
  const level = textIn(host, `${path}/level`);
  const disks = textIn(host, `${path}/raid_disks`);
  if (!level || !disks || ['container', 'imsm', 'ddf'].includes(level)) return undefined;
  return decimal(disks.split(' ')[0]);
}

/** @throws PipelineError `PARSE` if the line is missing that ends the file: an array whose lines are cut could look well. */
export function parseMdstat(text: string): RaidArray[] {
  const all = lines(FILE, text);
  if (!all.at(-1)?.startsWith('unused devices:')) throw malformed(FILE, 'a last line of unused devices', all.at(-1));
  const arrays: RaidArray[] = [];
  for (const [i, line] of all.entries()) {
    if (/^(\s|Personalities|unused|read_ahead)/.test(line)) continue;
    const rest = all.slice(i + 1);
    const end = rest.findIndex((below) => !/^\s/.test(below));
    arrays.push(parseArray(line, rest.slice(0, end)));
  }
  return arrays;
}

function parseArray(line: string, [status = '', ...below]: readonly string[]): RaidArray {
  const [device = '', colon, state = ''] = words(line);
  if (colon !== ':') throw malformed(FILE, 'an array', line);
  const blocks = decimal(/^\s*(\d+) blocks/.exec(status)?.[1]);
  const members = line.split('[').length - 1;
  const [, required, active] = /\[(\d+)\/(\d+)\] \[[U_]+\]/.exec(status) ?? [];
  const disks = /\b(raid0|linear)\b/.test(line)
    ? { required: members, active: members }
    : state === 'inactive'
      ? { required: 0, active: 0 }
      : { required: decimal(required), active: decimal(active) };
  const work = below
    .map((text) => /(recovery|resync|reshape|check)\s*=(.*)/.exec(text))
    .find((found) => found !== null);
  const [, doing, progress = ''] = work ?? [];
  return {
    device,
    state: doing ?? state,
    ...disks,
    failed: line.split('(F)').length - 1,
    spare: line.split('(S)').length - 1,
    blocks,
    synced: doing === undefined ? blocks : syncedBlocks(progress),
  };
}

/** Of work that is put off, nothing is done yet. */
function syncedBlocks(progress: string): number {
  return /PENDING|DELAYED|REMOTE/.test(progress) ? 0 : decimal(/\((\d+)\/\d+\)/.exec(progress)?.[1]);
}
