import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseFooter, type TimeZone, timezone, zoneOf } from './timezone.ts';

const JANUARY = Date.parse('2026-01-15T12:00:00Z');
const JULY = Date.parse('2026-07-15T12:00:00Z');
/** In Ramadan, when Morocco leaves its summer time. */
const MARCH = Date.parse('2026-03-01T12:00:00Z');

const BERLIN = 'CET-1CEST,M3.5.0,M10.5.0/3';
const hours = (name: string, offset: number): TimeZone => ({ name, offsetSeconds: offset * 3600 });

const ZONES: readonly [name: string | undefined, footer: string, at: number, expected: TimeZone | undefined][] = [
  ['Etc/UTC', 'UTC0', JANUARY, hours('UTC', 0)],
  ['Europe/Berlin', BERLIN, JANUARY, hours('CET', 1)],
  ['Europe/Berlin', BERLIN, JULY, hours('CEST', 2)],
  ['Europe/Dublin', 'IST-1GMT0,M10.5.0,M3.5.0/1', JANUARY, hours('GMT', 0)],
  ['Europe/Dublin', 'IST-1GMT0,M10.5.0,M3.5.0/1', JULY, hours('IST', 1)],
  ['America/New_York', 'EST5EDT,M3.2.0,M11.1.0', JANUARY, hours('EST', -5)],
  ['Asia/Kolkata', 'IST-5:30', JANUARY, hours('IST', 5.5)],
  ['Australia/Lord_Howe', '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', JANUARY, hours('+11', 11)],
  ['Africa/Casablanca', '<+01>-1', JULY, hours('+01', 1)],
  ['Africa/Casablanca', '<+01>-1', MARCH, hours('+00', 0)],
  // a copied file has no name
  [undefined, 'IST-5:30', JANUARY, hours('IST', 5.5)],
  [undefined, BERLIN, JULY, undefined],
  ['Nowhere/Nothing', 'EST5', JULY, hours('EST', -5)],
  [undefined, '', JULY, undefined],
  [undefined, 'TZif2\uFFFD', JULY, undefined],
];
for (const [name, footer, at, expected] of ZONES) {
  test(`time zone: ${name} of ${JSON.stringify(footer)} at ${new Date(at).toISOString()}`, () => {
    assert.deepEqual(zoneOf(name, footer)(at), expected);
  });
}

test('time zone: summer time is an hour ahead unless it says otherwise', () => {
  assert.deepEqual(parseFooter('EST5EDT'), [hours('EST', -5), hours('EDT', -4)]);
  assert.deepEqual(parseFooter('EST5EDT3,J60,J300'), [hours('EST', -5), hours('EDT', -3)]);
  assert.deepEqual(parseFooter('nonsense'), []);
});

test("time zone: the host's link is followed below the host's root", () => {
  const host = fakeHost(
    { 'usr/share/zoneinfo/Europe/Berlin': `TZif2\n\uFFFD\n${BERLIN}\n` },
    { 'etc/localtime': '/usr/share/zoneinfo/Europe/Berlin' },
  );
  const series = ['node_time_zone_offset_seconds{time_zone="CEST"} 7200'];
  assert.deepEqual(
    collected(
      timezone(() => JULY),
      host,
    ),
    { series, failure: undefined },
  );
});

test('time zone: a host without the file is on UTC, and without /etc nobody knows', () => {
  const utc = ['node_time_zone_offset_seconds{time_zone="UTC"} 0'];
  assert.deepEqual(
    collected(
      timezone(() => JULY),
      fakeHost({ 'etc/hostname': 'h\n' }),
    ).series,
    utc,
  );
  assert.deepEqual(
    collected(
      timezone(() => JULY),
      fakeHost({}),
    ),
    { series: [], failure: undefined },
  );
});
