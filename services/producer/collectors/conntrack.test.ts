import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { conntrack, hasOneLimit, parseConntrackStat } from './conntrack.ts';

const HEADINGS = 'entries  found invalid insert\n';

test('/proc/net/stat/nf_conntrack: entries are all, the others by CPU', () => {
  const { entries, sums } = parseConntrackStat(`${HEADINGS}0000000a 00000001 0 f\n0000000a 00000002 3 1\n`);
  assert.equal(entries, 10);
  assert.deepEqual([sums.get('found'), sums.get('invalid'), sums.get('insert')], [3, 3, 16]);
});

test('/proc/net/stat/nf_conntrack: what is missing or no number is NaN', () => {
  const { entries, sums } = parseConntrackStat(`${HEADINGS}0000000a x 1\n`);
  assert.deepEqual(
    [entries, sums.get('found'), sums.get('invalid'), sums.get('insert')],
    [10, Number.NaN, 1, Number.NaN],
  );
});

test('/proc/net/stat/nf_conntrack: without headings or CPUs, or cut, it is unreadable', () => {
  for (const text of ['', HEADINGS, '0000000a 00000001 0 f\n', `${HEADINGS}0000000a 1`]) {
    assert.throws(() => parseConntrackStat(text), { code: 'PARSE' }, text);
  }
});

const RELEASES: readonly [release: string | undefined, one: boolean][] = [
  ['5.15.0-119-generic', true],
  ['6.18.44', true],
  ['6.19.0', false],
  ['7.0.1', false],
  ['unheard of', false],
  [undefined, false],
];
for (const [release, one] of RELEASES) {
  test(`Linux ${release} has ${one ? 'one limit' : 'perhaps a limit'} for each network namespace`, () => {
    assert.equal(hasOneLimit(release), one);
  });
}

const SYSCTLS = {
  'proc/sys/net/netfilter/nf_conntrack_max': '1000\n',
  'proc/sys/net/netfilter/nf_conntrack_count': '5\n',
};

test("conntrack: a container's number of connections is not the host's, nor its limit where it may have its own", () => {
  const host = fakeHost({ ...SYSCTLS, 'proc/sys/kernel/osrelease': '7.0.1\n' });
  assert.deepEqual(collected(conntrack(), host), { series: [], failure: undefined });
  assert.deepEqual(collected(conntrack(), { ...host, own: true }).series, [
    'node_nf_conntrack_entries_limit 1000',
    'node_nf_conntrack_entries 5',
  ]);
});
