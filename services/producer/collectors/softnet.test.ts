import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseSoftnet, type SoftnetStat, softnet } from './softnet.ts';

const { NaN: none } = Number;
const hex = (...numbers: readonly number[]) => `${numbers.map((n) => n.toString(16).padStart(8, '0')).join(' ')}\n`;
const row = (width: number, cpu: number) => {
  const numbers = Array.from({ length: width }, (_, i) => i + 20);
  return hex(...numbers.with(12 < width ? 12 : 3, cpu));
};
const counts = [20, 21, 22, 28, 29, 30, 31];
const old = [...counts.slice(0, 6), undefined];

const TABLE: readonly [what: string, text: string, online: string, expected: SoftnetStat[]][] = [
  ['15 columns since Linux 6.4', row(15, 3), '', [{ cpu: '3', counts }]],
  ['13 columns since Linux 5.10', row(13, 18), '', [{ cpu: '18', counts }]],
  ['11 columns before', row(11, 0), '', [{ cpu: '0', counts: old }]],
  [
    'lines that do not say whose they are belong to the CPUs that are online',
    row(11, 0) + row(11, 0),
    '0,2\n',
    [
      { cpu: '0', counts: old },
      { cpu: '2', counts: old },
    ],
  ],
  ['what is missing is NaN', '0000000a\n', '', [{ cpu: '0', counts: [10, none, none, none, ...Array(3)] }]],
  ['a line of a CPU that cannot be read', row(13, 1).replace('00000001', 'x'), '', [{ cpu: undefined, counts }]],
];
for (const [what, text, online, expected] of TABLE) {
  test(`/proc/net/softnet_stat: ${what}`, () => {
    assert.deepEqual(
      parseSoftnet(text, () => online),
      expected.map(({ cpu, counts: of }) => ({ cpu, counts: [...of] })),
    );
  });
}

test('/proc/net/softnet_stat: what cannot be read is told, and the CPUs beside it stay', () => {
  const text = row(13, 0).replace(/^\w+/, 'x') + row(13, 1).replace(/\w+\n$/, 'x\n') + row(13, 2);
  const { series, failure } = collected(softnet(), fakeHost({ 'proc/1/net/softnet_stat': text }));
  assert.deepEqual(
    series.filter((line) => /processed|dropped/.test(line)),
    [
      'node_softnet_dropped_total{cpu="0"} 21',
      'node_softnet_dropped_total{cpu="2"} 21',
      'node_softnet_processed_total{cpu="2"} 20',
    ],
  );
  assert.match(failure ?? '', /processed_total.*; 1 more/);
});

test('/proc/net/softnet_stat: it is the same in every network namespace', () => {
  assert.equal(collected(softnet(), fakeHost({ 'proc/net/softnet_stat': row(13, 0) })).series.length, 7);
});

test('/proc/net/softnet_stat: more lines than CPUs are of nobody knows which', () => {
  assert.throws(() => parseSoftnet(row(11, 0) + row(11, 0), () => '0\n'), { code: 'PARSE' });
});
