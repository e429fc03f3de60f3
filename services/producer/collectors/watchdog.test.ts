import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { watchdog } from './watchdog.ts';

const CLASS = 'sys/class/watchdog';

test('watchdogs: each says what its driver knows', () => {
  const files: Record<string, string> = {
    [`${CLASS}/watchdog0/bootstatus`]: '1\n',
    [`${CLASS}/watchdog0/fw_version`]: '2\n',
    [`${CLASS}/watchdog0/identity`]: 'Software Watchdog\n',
    [`${CLASS}/watchdog0/nowayout`]: '0\n',
    [`${CLASS}/watchdog0/options`]: '0x8380\n',
    [`${CLASS}/watchdog0/pretimeout`]: '120\n',
    [`${CLASS}/watchdog0/pretimeout_governor`]: 'noop\n',
    [`${CLASS}/watchdog0/state`]: 'active\n',
    [`${CLASS}/watchdog0/status`]: '0x8000\n',
    [`${CLASS}/watchdog0/timeleft`]: '300\n',
    [`${CLASS}/watchdog0/timeout`]: '600\n',
    [`${CLASS}/watchdog1/dev`]: '10:130\n',
  };
  const collector = watchdog(() => 0);
  const expected = (timeleft: number) => [
    'node_watchdog_bootstatus{name="watchdog0"} 1',
    'node_watchdog_fw_version{name="watchdog0"} 2',
    'node_watchdog_nowayout{name="watchdog0"} 0',
    'node_watchdog_timeout_seconds{name="watchdog0"} 600',
    'node_watchdog_pretimeout_seconds{name="watchdog0"} 120',
    `node_watchdog_timeleft_seconds{name="watchdog0"} ${timeleft}`,
    'node_watchdog_info{name="watchdog0",options="0x8380",identity="Software Watchdog",state="active",status="0x8000",pretimeout_governor="noop"} 1',
    'node_watchdog_info{name="watchdog1"} 1',
  ];
  assert.deepEqual(collected(collector, fakeHost(files)), { series: expected(300), failure: undefined });
  files[`${CLASS}/watchdog0/timeleft`] = '299\n';
  assert.deepEqual(collected(collector, fakeHost(files)).series, expected(299));
});

test('watchdogs: what is no number is absent and told, and without any there is nothing', () => {
  const { series, failure } = collected(
    watchdog(() => 0),
    fakeHost({ [`${CLASS}/watchdog0/timeout`]: 'x\n' }),
  );
  assert.deepEqual(series, ['node_watchdog_info{name="watchdog0"} 1']);
  assert.match(failure ?? '', /node_watchdog_timeout_seconds/);
  assert.deepEqual(
    collected(
      watchdog(() => 0),
      fakeHost({}),
    ),
    { series: [], failure: undefined },
  );
});
