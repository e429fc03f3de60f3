import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { majorMinor, os, parseOsRelease, supportEnd } from './os.ts';

const TABLE: readonly [what: string, line: string, expected: string | undefined][] = [
  ['a word', 'NAME=fedora', 'fedora'],
  ['double quotes', 'NAME="Debian GNU/Linux"', 'Debian GNU/Linux'],
  ['single quotes', 'NAME=\'a "b" \\c\'', 'a "b" \\c'],
  ['a backslash', 'NAME="a \\"b\\" \\$5 \\\\"', 'a "b" $5 \\'],
  ['nothing', 'NAME=', ''],
  ['an equals sign', 'NAME=a=b', 'a=b'],
  ['blanks around it', '  NAME=a  ', 'a'],
  ['a quote without its like', 'NAME="a', '"a'],
  ['a comment', '#NAME=a', undefined],
  ['no assignment', 'NAME', undefined],
];
for (const [what, line, expected] of TABLE) {
  test(`os-release: ${what}`, () => {
    assert.equal(parseOsRelease(`ID=x\n${line}\n`).get('NAME'), expected);
  });
}

test('os-release: without an assignment it is unreadable', () => {
  for (const text of ['', '# nothing\n', 'garbage']) assert.throws(() => parseOsRelease(text), { code: 'PARSE' });
});

test('os-release: a version is a number as far as it is one', () => {
  assert.deepEqual(['12', '20.04', '9.4.1', '3.19_alpha', 'rolling', '', '0'].map(majorMinor), [
    12,
    20.04,
    9.4,
    3.19,
    undefined,
    undefined,
    undefined,
  ]);
});

test('os-release: the end of support is the first moment of its day', () => {
  assert.equal(supportEnd('2026-05-13'), 1778630400);
  assert.equal(supportEnd(''), undefined);
  assert.ok(Number.isNaN(supportEnd('soon')));
  assert.ok(Number.isNaN(supportEnd('2026-13-45')));
});

test('os-release: /usr/lib stands in for /etc, and absolute links stay on the host', () => {
  const expected = [
    'node_os_info{id="a",name="A",version_id="1.2"} 1',
    'node_os_version{id="a",name="A"} 1.2',
    'node_os_support_end_timestamp_seconds 1778630400',
  ];
  const text = 'ID=a\nNAME=A\nVERSION_ID=1.2\nSUPPORT_END=2026-05-13\n';
  for (const host of [
    fakeHost({ 'etc/os-release': text, 'usr/lib/os-release': 'ID=b\n' }),
    fakeHost({ 'usr/lib/os-release': text }),
    fakeHost({ 'nix/store/os-release': text }, { 'etc/os-release': '/nix/store/os-release' }),
  ]) {
    assert.deepEqual(
      collected(
        os(() => 0),
        host,
      ),
      { series: expected, failure: undefined },
    );
  }
  assert.deepEqual(
    collected(
      os(() => 0),
      fakeHost({}),
    ),
    { series: [], failure: undefined },
  );
});
