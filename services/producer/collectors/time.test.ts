import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { time } from './time.ts';

const DEVICES = 'sys/devices/system/clocksource';

test('time: the clock, and where the kernel reads it', () => {
  const files: Record<string, string> = {
    [`${DEVICES}/clocksource0/available_clocksource`]: 'tsc hpet \n',
    [`${DEVICES}/clocksource0/current_clocksource`]: 'tsc\n',
    [`${DEVICES}/uevent`]: '\n',
  };
  const collector = time(() => 1_795_398_417_686);
  const available = (clocksource: string) =>
    `node_time_clocksource_available_info{device="0",clocksource="${clocksource}"} 1`;
  const expected = ['node_time_seconds 1795398417.686', available('tsc'), available('hpet')];
  const current = (clocksource: string) =>
    `node_time_clocksource_current_info{device="0",clocksource="${clocksource}"} 1`;
  assert.deepEqual(collected(collector, fakeHost(files)), {
    series: [...expected, current('tsc')],
    failure: undefined,
  });
  files[`${DEVICES}/clocksource0/current_clocksource`] = 'hpet\n';
  assert.deepEqual(collected(collector, fakeHost(files)).series, [...expected, current('hpet')]);
  delete files[`${DEVICES}/clocksource0/current_clocksource`];
  assert.deepEqual(collected(collector, fakeHost(files)).series, expected);
});

test('time: without /sys, the clock is what remains', () => {
  assert.deepEqual(
    collected(
      time(() => 1500),
      fakeHost({}),
    ),
    { series: ['node_time_seconds 1.5'], failure: undefined },
  );
});
