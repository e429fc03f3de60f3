import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAll } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { parseUdevData } from './disk-info.ts';
import { diskstats } from './diskstats.ts';

test("udev's data: properties alone, with what stands after the first =", () => {
  const text = 'S:disk/by-id/x\nI:123\nE:ID_MODEL=A=B\nE:ID_SERIAL=\nE:=x\nE:cut\nG:systemd\n';
  assert.deepEqual(Object.fromEntries(parseUdevData(text)), { ID_MODEL: 'A=B', ID_SERIAL: '' });
  assert.deepEqual(Object.fromEntries(parseUdevData('')), {});
});

test('what a disk is, is looked up when it appears and once a minute', () => {
  let [now, disks] = [0, '8 0 sda 1 0 8 1 0 0 0 0 0 1 1\n'];
  const looked: string[] = [];
  const host = {
    read: () => disks,
    peek(path: string) {
      looked.push(path);
      return undefined;
    },
  } as unknown as Host;
  const collector = diskstats(() => now);
  const collect = () => {
    looked.length = 0;
    collectAll([collector], host, () => 0);
    return looked;
  };
  const sda = ['sys/block/sda/queue/rotational', 'run/udev/data/b8:0'];
  const sdb = ['sys/block/sdb/queue/rotational', 'run/udev/data/b8:16'];
  assert.deepEqual(collect(), sda);
  now = 59_999;
  disks += '8 16 sdb 1 0 8 1 0 0 0 0 0 1 1\n';
  assert.deepEqual(collect(), sdb);
  assert.deepEqual(collect(), []);
  now = 60_000;
  assert.deepEqual(collect(), [...sda, ...sdb]);
});
