import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mount, parseMountinfo } from './mountinfo.ts';

const ROOT: Mount = { major: '98', minor: '0', mountpoint: '/', readonly: false, fstype: 'ext3', device: '/dev/root' };
const TABLE: readonly [what: string, line: string, expected: Partial<Mount> | undefined][] = [
  ['a mount', '36 35 98:0 / / rw,noatime master:1 - ext3 /dev/root rw,errors=continue', {}],
  ['without optional fields', '36 35 98:0 / / rw - ext3 /dev/root rw', {}],
  ['with many', '36 35 98:0 / / rw shared:1 master:2 unbindable - ext3 /dev/root rw', {}],
  ['a field too many is ignored', '36 35 98:0 / / rw - ext3 /dev/root rw more', {}],
  ['read-only as a mount', '36 35 98:0 / / ro,noatime - ext3 /dev/root rw', { readonly: true }],
  ['read-only as a file system', '36 35 98:0 / / rw - ext3 /dev/root ro', { readonly: true }],
  ['read-only after an error', '36 35 98:0 / / rw - ext3 /dev/root rw,emergency_ro', { readonly: true }],
  ['an option that only looks like it', '36 35 98:0 / / rw - ext3 /dev/root rw,errors=remount-ro', {}],
  [
    'blanks in names',
    '1 2 98:0 / /a\\040b\\011c\\134d rw - ext3 x\\040y rw',
    { mountpoint: '/a b\tc\\d', device: 'x y' },
  ],
  ['no device', '1 2 98:0 / / rw -  ext3  rw', undefined],
  ['an empty name of a device', '1 2 98:0 / / rw - ext3  rw', { device: '' }],
  ['no separator', '36 35 98:0 / / rw,noatime master:1 ext3 /dev/root rw', undefined],
  ['too short', '36 35 98:0 / / rw - ext3', undefined],
  ['device numbers that are none', '36 35 98 / / rw - ext3 /dev/root rw', undefined],
  ['garbage', 'garbage', undefined],
];
for (const [what, line, expected] of TABLE) {
  test(`mountinfo: ${what}${expected === undefined ? ' is not readable' : ''}`, () => {
    const { mounts, unreadable } = parseMountinfo(`${line}\n`);
    if (expected === undefined) assert.deepEqual([mounts, unreadable], [[], [line]]);
    else assert.deepEqual([mounts, unreadable], [[{ ...ROOT, ...expected }], []]);
  });
}

test('mountinfo: none is none, and one that was cut is unreadable', () => {
  assert.deepEqual(parseMountinfo(''), { mounts: [], unreadable: [] });
  assert.throws(() => parseMountinfo('36 35 98:0 / / rw - ext3 /dev/ro'), { code: 'PARSE' });
});
