import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeHost } from './fake-host.ts';
import type { Host } from './proc.ts';
import { ASPECTS, type Aspect, proveHostView } from './view.ts';

interface Seen {
  readonly own?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly device?: { readonly major: number; readonly minor: number };
}

function hostOf({ own = false, files = {}, links = {}, device = { major: 254, minor: 1 } }: Seen): Host {
  return { ...fakeHost(files, links), own, device: () => device };
}

const ROOT = '26 1 254:1 / / rw - ext4 /dev/vda1 rw\n';
const OUTSIDE = {
  'proc/self/status': 'Name:\tnode\nNSpid:\t4711\t1\n',
  'proc/1/mountinfo': ROOT,
  'proc/1/net/dev': 'Inter-|\n',
};
const FIRST = { 'proc/self/ns/pid': 'pid:[4026531836]', 'proc/self/ns/uts': 'uts:[4026531838]' };
const CONTAINER = { 'proc/self/ns/pid': 'pid:[4026532700]', 'proc/self/ns/uts': 'uts:[4026532699]' };
const INSIDE = { ...OUTSIDE, 'proc/self/status': 'Name:\tnode\nNSpid:\t1\n' };

const CASES: readonly [what: string, seen: Seen, named: boolean, notTheHosts: readonly Aspect[]][] = [
  ['a container with the host mounted, told its name', { files: OUTSIDE, links: CONTAINER }, true, []],
  ['the same, not told its name', { files: OUTSIDE, links: CONTAINER }, false, ['hostname']],
  ['a laptop', { own: true, files: INSIDE, links: FIRST }, false, []],
  ['a container without the host', { own: true, files: INSIDE, links: CONTAINER }, false, [...ASPECTS]],
  [
    'a container with its own /proc mounted as the host',
    { files: INSIDE, links: CONTAINER },
    true,
    ['pid', 'network', 'mounts', 'root'],
  ],
  [
    'a host mounted without its root',
    { files: OUTSIDE, links: CONTAINER, device: { major: 0, minor: 77 } },
    true,
    ['root'],
  ],
  [
    'a host that hides its processes',
    { files: { 'proc/self/status': OUTSIDE['proc/self/status'] }, links: CONTAINER },
    true,
    ['network', 'mounts', 'root'],
  ],
  [
    'a laptop that hides its processes',
    { own: true, files: { 'proc/self/status': INSIDE['proc/self/status'], 'proc/self/mountinfo': ROOT }, links: FIRST },
    false,
    [],
  ],
  [
    'a host on btrfs, whose subvolumes have numbers of their own',
    {
      files: { ...OUTSIDE, 'proc/1/mountinfo': '26 1 0:23 / / rw - btrfs /dev/vda1 rw\n' },
      links: CONTAINER,
      device: { major: 0, minor: 31 },
    },
    true,
    [],
  ],
  ['nothing at all', {}, false, [...ASPECTS]],
];

for (const [what, seen, named, notTheHosts] of CASES) {
  test(`${what}: ${notTheHosts.length === 0 ? 'all is the host’s' : `not the host’s: ${notTheHosts.join(', ')}`}`, () => {
    const view = proveHostView(hostOf(seen), named);
    assert.deepEqual(
      ASPECTS.filter((aspect) => view[aspect] !== undefined),
      notTheHosts,
    );
  });
}
