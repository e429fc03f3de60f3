import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followLinks } from './links.ts';
import type { Host } from './proc.ts';

const TABLE: readonly [what: string, links: Readonly<Record<string, string>>, expected: string][] = [
  ['a file is itself', {}, 'etc/localtime'],
  ['an absolute link stays below the root', { 'etc/localtime': '/usr/share/UTC' }, 'usr/share/UTC'],
  ['a relative one starts where it is', { 'etc/localtime': '../usr/./share/UTC' }, 'usr/share/UTC'],
  ['none leads out', { 'etc/localtime': '../../../../UTC' }, 'UTC'],
  ['links may follow each other', { 'etc/localtime': 'zone', 'etc/zone': '/UTC' }, 'UTC'],
  ['but not for ever', { 'etc/localtime': 'zone', 'etc/zone': 'localtime' }, 'etc/localtime'],
];
for (const [what, links, expected] of TABLE) {
  test(`links: ${what}`, () => {
    const host = { link: (path: string) => links[path] } as Host;
    assert.equal(followLinks(host, 'etc/localtime'), expected);
  });
}
