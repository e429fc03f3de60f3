import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { A_MINUTE_MS } from '../host/remembered.ts';
import { cpufreq } from './cpufreq.ts';

const directory = (cpu: number) => `sys/devices/system/cpu/cpu${cpu}/cpufreq`;
const policy = (cpu: number, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`${directory(cpu)}/${file}`, text]));
const FILES = {
  cpuinfo_avg_freq: '2100000\n',
  cpuinfo_max_freq: '3700000\n',
  cpuinfo_min_freq: '800000\n',
  scaling_available_governors: 'performance powersave\n',
  scaling_cur_freq: '1699981\n',
  scaling_governor: 'powersave\n',
  scaling_max_freq: '3500000\n',
  scaling_min_freq: '900000\n',
};

test('frequencies: kHz are hertz, and the governor that rules is 1', () => {
  const host = fakeHost({ ...policy(3, FILES), [`${directory(3)}/cpuinfo_cur_freq`]: '1700000\n' });
  assert.deepEqual(
    collected(
      cpufreq(() => 0),
      host,
    ),
    {
      series: [
        'node_cpu_frequency_hertz{cpu="3"} 1700000000',
        'node_cpu_frequency_avg_hertz{cpu="3"} 2100000000',
        'node_cpu_scaling_frequency_hertz{cpu="3"} 1699981000',
        'node_cpu_frequency_min_hertz{cpu="3"} 800000000',
        'node_cpu_frequency_max_hertz{cpu="3"} 3700000000',
        'node_cpu_scaling_frequency_min_hertz{cpu="3"} 900000000',
        'node_cpu_scaling_frequency_max_hertz{cpu="3"} 3500000000',
        'node_cpu_scaling_governor{cpu="3",governor="performance"} 0',
        'node_cpu_scaling_governor{cpu="3",governor="powersave"} 1',
      ],
      failure: undefined,
    },
  );
});

test('frequencies: a CPU without them has none, and is no failure', () => {
  const none = { series: [], failure: undefined };
  assert.deepEqual(
    collected(
      cpufreq(() => 0),
      fakeHost({}),
    ),
    none,
  );
  assert.deepEqual(
    collected(
      cpufreq(() => 0),
      fakeHost({ 'sys/devices/system/cpu/cpu0/online': '1\n' }),
    ),
    none,
  );
});

test('frequencies: what is missing is absent, what is garbled is absent and told', () => {
  const host = fakeHost({ ...policy(0, { scaling_cur_freq: '<unknown>\n', scaling_max_freq: '5\n' }) });
  const { series, failure } = collected(
    cpufreq(() => 0),
    host,
  );
  assert.deepEqual(series, ['node_cpu_scaling_frequency_max_hertz{cpu="0"} 5000']);
  assert.match(failure ?? '', /node_cpu_scaling_frequency_hertz/);
});

test('frequencies: that of now is read each time, limits and governors once a minute', () => {
  let now = 0;
  const files: Record<string, string> = policy(0, FILES);
  const collector = cpufreq(() => now);
  const see = () =>
    collected(collector, fakeHost(files)).series.filter((line) =>
      /scaling_frequency(_max)?_hertz|performance/.test(line),
    );
  see();
  Object.assign(
    files,
    policy(0, { scaling_cur_freq: '1\n', scaling_max_freq: '2\n', scaling_governor: 'performance\n' }),
  );
  assert.deepEqual(see(), [
    'node_cpu_scaling_frequency_hertz{cpu="0"} 1000',
    'node_cpu_scaling_frequency_max_hertz{cpu="0"} 3500000000',
    'node_cpu_scaling_governor{cpu="0",governor="performance"} 0',
  ]);
  now = A_MINUTE_MS;
  assert.deepEqual(see(), [
    'node_cpu_scaling_frequency_hertz{cpu="0"} 1000',
    'node_cpu_scaling_frequency_max_hertz{cpu="0"} 2000',
    'node_cpu_scaling_governor{cpu="0",governor="performance"} 1',
  ]);
});
