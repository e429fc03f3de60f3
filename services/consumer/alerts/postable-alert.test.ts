import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfLabels, postableAlert } from './postable-alert.ts';

const NOW = Date.UTC(2026, 0, 1);
const POSTING = { now: NOW, validForMs: 120_000, generatorUrl: undefined };
const LABELS = { alertname: 'Busy', severity: 'critical', node: 'n' };
const annotations = { summary: 'busy' };

/** Seconds from now → seconds from now. */
const SPANS: readonly [what: string, firedAt: number, endedAt: number | undefined, startsAt: number, endsAt: number][] =
  [
    ['fires since it fired, until it is not told again', -60, undefined, -60, 120],
    ['fires since now if the clock of its node is ahead', 3600, undefined, 0, 120],
    ['is resolved when it ended', -60, -10, -60, -10],
    ['is resolved now if the clock of its node is ahead', 3600, 3660, 0, 0],
    ['does not end before it began if the clock of its node was set back', -60, -600, -600, -600],
  ];
for (const [what, firedAt, endedAt, startsAt, endsAt] of SPANS) {
  test(`an alert ${what}`, () => {
    const at = (seconds: number) => NOW + seconds * 1000;
    const alert = { labels: LABELS, annotations, firedAt: at(firedAt) };
    const posted = postableAlert(endedAt === undefined ? alert : { ...alert, endedAt: at(endedAt) }, POSTING);
    assert.deepEqual(posted, {
      labels: LABELS,
      annotations,
      startsAt: new Date(at(startsAt)).toISOString(),
      endsAt: new Date(at(endsAt)).toISOString(),
    });
  });
}

test('labels without a value are left out, and so make no other alert', () => {
  const labels = { ...LABELS, device: '' };
  assert.deepEqual(postableAlert({ labels, annotations, firedAt: NOW }, POSTING).labels, LABELS);
  assert.equal(keyOfLabels({ labels }), keyOfLabels({ labels: LABELS }));
});

test('the order of labels makes no other alert, and no value passes for two labels', () => {
  assert.equal(keyOfLabels({ labels: { a: '1', b: '2' } }), keyOfLabels({ labels: { b: '2', a: '1' } }));
  assert.notEqual(keyOfLabels({ labels: { a: '1","b","2' } }), keyOfLabels({ labels: { a: '1', b: '2' } }));
});

test('the address where people can look goes along', () => {
  const alert = { labels: LABELS, annotations, firedAt: NOW };
  const generatorUrl = 'https://consumer.example/';
  assert.equal(postableAlert(alert, { ...POSTING, generatorUrl }).generatorURL, generatorUrl);
});
