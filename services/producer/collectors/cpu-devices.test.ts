import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { A_MINUTE_MS } from '../host/remembered.ts';
import { cpuDevices } from './cpu-devices.ts';

const CPUS = 'sys/devices/system/cpu';

/** One CPU: which core of which package it is, and the counts it shows. */
function cpuFiles(cpu: number, ofPackage: number, core: number, coreCount?: string, packageCount?: string) {
  const files: Record<string, string> = {
    [`${CPUS}/cpu${cpu}/topology/physical_package_id`]: `${ofPackage}\n`,
    [`${CPUS}/cpu${cpu}/topology/core_id`]: `${core}\n`,
  };
  if (coreCount !== undefined) files[`${CPUS}/cpu${cpu}/thermal_throttle/core_throttle_count`] = coreCount;
  if (packageCount !== undefined) files[`${CPUS}/cpu${cpu}/thermal_throttle/package_throttle_count`] = packageCount;
  return files;
}

function devices(files: Readonly<Record<string, string>>, now = () => 0) {
  const collect = cpuDevices(now);
  const host = fakeHost(files);
  return () => collected({ name: 'cpu', collect }, host);
}

test('CPUs: threads of a core and cores of a package are counted once', () => {
  const collect = devices({
    ...cpuFiles(0, 0, 0, '5\n', '30\n'),
    ...cpuFiles(1, 0, 1, '0\n', '30\n'),
    ...cpuFiles(2, 0, 0, '5\n', '30\n'),
    ...cpuFiles(3, 1, 0, '9\n'),
    ...cpuFiles(10, 1, 1),
  });
  assert.deepEqual(collect(), {
    series: [
      'node_cpu_core_throttles_total{package="0",core="0"} 5',
      'node_cpu_core_throttles_total{package="0",core="1"} 0',
      'node_cpu_core_throttles_total{package="1",core="0"} 9',
      'node_cpu_package_throttles_total{package="0"} 30',
    ],
    failure: undefined,
  });
});

test('CPUs: a count that is no number is absent and told', () => {
  const { series, failure } = devices(cpuFiles(0, 0, 0, '?\n', '30\n'))();
  assert.deepEqual(series, ['node_cpu_package_throttles_total{package="0"} 30']);
  assert.match(failure ?? '', /node_cpu_core_throttles_total/);
});

test('CPUs: which run is said where the first can be taken out', () => {
  const running = { [`${CPUS}/online`]: '0,2\n', [`${CPUS}/cpu1/online`]: '0\n', [`${CPUS}/cpu2/online`]: '1\n' };
  assert.deepEqual(devices({ ...running, [`${CPUS}/cpu0/online`]: '1\n' })().series, [
    'node_cpu_online{cpu="0"} 1',
    'node_cpu_online{cpu="1"} 0',
    'node_cpu_online{cpu="2"} 1',
  ]);
  assert.deepEqual(devices({ ...running, ...cpuFiles(0, 0, 0) })().series, []);
});

test('CPUs: those that the scheduler leaves alone, and none where there is no list', () => {
  assert.deepEqual(devices({ [`${CPUS}/isolated`]: '1,4-5\n' })().series, [
    'node_cpu_isolated{cpu="1"} 1',
    'node_cpu_isolated{cpu="4"} 1',
    'node_cpu_isolated{cpu="5"} 1',
  ]);
  assert.deepEqual(devices({ [`${CPUS}/isolated`]: '\n' })(), { series: [], failure: undefined });
  assert.deepEqual(devices({})(), { series: [], failure: undefined });
  assert.match(devices({ [`${CPUS}/isolated`]: '1-\n' })().failure ?? '', /expected a list of CPUs/);
});

test('CPUs: counts are read each time, which there are is looked up once a minute', () => {
  let now = 0;
  const files: Record<string, string> = cpuFiles(0, 0, 0, '5\n');
  const collect = devices(files, () => now);
  const series = (core: number, count: number) => `node_cpu_core_throttles_total{package="0",core="${core}"} ${count}`;
  assert.deepEqual(collect().series, [series(0, 5)]);
  Object.assign(files, cpuFiles(0, 0, 0, '6\n'), cpuFiles(1, 0, 1, '1\n'));
  assert.deepEqual(collect().series, [series(0, 6)]);
  now = A_MINUTE_MS;
  assert.deepEqual(collect().series, [series(0, 6), series(1, 1)]);
  delete files[`${CPUS}/cpu1/thermal_throttle/core_throttle_count`];
  assert.deepEqual(collect(), { series: [series(0, 6)], failure: undefined });
});

test('CPUs: 256 of them', () => {
  const files = Object.assign({}, ...Array.from({ length: 256 }, (_, cpu) => cpuFiles(cpu, 0, cpu % 128, `${cpu}\n`)));
  assert.equal(devices(files)().series.length, 128);
});
