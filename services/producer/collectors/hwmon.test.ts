import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineError } from '#runtime/errors.ts';
import { collectAll } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { hwmon, meaningOf } from './hwmon.ts';

const TABLE: readonly [file: string, type: string, element: string, name: string, divisor: number][] = [
  ['temp1_input', 'temp', 'input', 'node_hwmon_temp_celsius', 1e3],
  ['temp', 'temp', '', 'node_hwmon_temp_celsius', 1e3],
  ['temp1_crit_hyst', 'temp', 'crit_hyst', 'node_hwmon_temp_crit_hyst_celsius', 1e3],
  ['temp1_type', 'temp', 'type', 'node_hwmon_temp_type', 1],
  ['temp1_fault', 'temp', 'fault', 'node_hwmon_temp_fault', 1],
  ['fan1_input', 'fan', 'input', 'node_hwmon_fan_rpm', 1],
  ['fan1_max', 'fan', 'max', 'node_hwmon_fan_max_rpm', 1],
  ['fan1_div', 'fan', 'div', 'node_hwmon_fan_div', 1],
  ['fan1_beep', 'fan', 'beep', 'node_hwmon_fan_beep_enabled', 1],
  ['in0_lcrit', 'in', 'lcrit', 'node_hwmon_in_lcrit_volts', 1e3],
  ['curr1_input', 'curr', 'input', 'node_hwmon_curr_amps', 1e3],
  ['energy1_input', 'energy', 'input', 'node_hwmon_energy_joule_total', 1e6],
  ['power1_cap', 'power', 'cap', 'node_hwmon_power_cap_watt', 1e6],
  ['power1_average_interval', 'power', 'average_interval', 'node_hwmon_power_average_interval_seconds', 1e3],
  ['pwm1', 'pwm', '', 'node_hwmon_pwm', 1],
  ['pwm1_auto-point', 'pwm', 'auto-point', 'node_hwmon_pwm_auto_point', 1],
  ['freq1_input', 'freq', 'input', 'node_hwmon_freq_freq_mhz', 1e6],
];
for (const [file, type, element, name, divisor] of TABLE) {
  test(`${file} is ${name}`, () => {
    const meaning = meaningOf(type, element, false);
    assert.deepEqual([meaning?.name, meaning?.divisor], [name, divisor]);
  });
}

test('a text is no value', () => {
  for (const element of ['label', 'serial_number']) assert.equal(meaningOf('power', element, false), undefined);
});

/** A chip whose files can be changed, and fail. */
function fixture() {
  const files: Record<string, string | PipelineError> = {
    name: 'chip',
    temp1_input: '30000',
    temp1_max: '80000',
    temp2_input: '31000',
  };
  const reads: string[] = [];
  const clock = { now: 0 };
  const host = {
    list: (path: string) =>
      path === 'sys/class/hwmon' ? ['hwmon0'] : path.endsWith('hwmon0') ? Object.keys(files) : [],
    link: () => undefined,
    peek(path: string) {
      const name = path.split('/').at(-1) ?? '';
      reads.push(name);
      const content = files[name];
      if (content instanceof PipelineError) throw content;
      return content;
    },
  } as unknown as Host;
  const collector = hwmon(() => clock.now);
  const collect = () => {
    reads.length = 0;
    const { metrics, failures } = collectAll([collector], host, () => 0);
    assert.equal(failures.size, 0);
    return metrics;
  };
  return { files, reads, clock, collect };
}

test('a sensor that answers with an error is left out alone', () => {
  const { files, collect } = fixture();
  files.temp1_input = new PipelineError('PARSE', 'EIO: i/o error, read');
  assert.deepEqual(collect().node_hwmon_temp_celsius, [['chip', 'temp2', 31]]);
  files.temp1_input = '40000';
  assert.deepEqual(collect().node_hwmon_temp_celsius, [
    ['chip', 'temp1', 40],
    ['chip', 'temp2', 31],
  ]);
});

test('what a sensor measures is read each time, its limits and its name once a minute', () => {
  const { files, reads, clock, collect } = fixture();
  collect();
  clock.now = 59_999;
  files.temp1_max = '90000';
  assert.deepEqual(collect().node_hwmon_temp_max_celsius, [['chip', 'temp1', 80]]);
  assert.deepEqual(reads, ['temp1_input', 'temp2_input']);
  clock.now = 60_000;
  assert.deepEqual(collect().node_hwmon_temp_max_celsius, [['chip', 'temp1', 90]]);
});
