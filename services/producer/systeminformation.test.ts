import assert from 'node:assert/strict';
import { test } from 'node:test';
import si from 'systeminformation';
import { type Collected, type Collector, collectAll } from './collector.ts';
import { openHost } from './host/proc.ts';
import { type Asked, inventory, portableCollectors } from './systeminformation.ts';

const NEVER = new Promise<never>(() => undefined);
const settled = () => new Promise((resolve) => setImmediate(resolve));

function asked(change: Partial<Record<keyof Asked, () => Promise<unknown>>> = {}): {
  asked: Asked;
  questions: string[];
} {
  const questions: string[] = [];
  const answers: Record<keyof Asked, () => Promise<unknown>> = {
    cpu: async () => ({ manufacturer: 'AMD', brand: 'EPYC' }),
    system: async () => ({ manufacturer: 'Dell', model: 'R760' }),
    mem: async () => ({ total: 8, free: 2, available: 4, swaptotal: 0, swapfree: 0 }),
    fsSize: async () => [{ fs: '/dev/disk1', type: 'APFS', mount: '/', size: 100, available: 40 }],
    networkStats: async () => [{ iface: 'en0', rx_bytes: 5, tx_bytes: 6 }],
    ...change,
  };
  const entries = Object.entries(answers).map(([name, answer]) => {
    const ask = () => {
      questions.push(name);
      return answer();
    };
    return [name, ask] as const;
  });
  return { asked: Object.fromEntries(entries) as unknown as Asked, questions };
}

function collect(...collectors: readonly Collector[]): Collected {
  return collectAll(collectors, openHost('/'), () => 0);
}

const DELL = {
  sysmon_node_cpu_model_info: [['AMD', 'EPYC', 1]],
  sysmon_node_system_model_info: [['Dell', 'R760', 1]],
};
function inventoryOf({ metrics }: Collected) {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => name.startsWith('sysmon_')));
}

test('the inventory is asked at the start and hourly, and shown from its answer on', async () => {
  let time = 0;
  const { asked: systeminformation, questions } = asked();
  const collector = inventory({ nodename: 'n', now: () => time, asked: systeminformation });
  assert.deepEqual(inventoryOf(collect(collector)), {});
  await settled();
  assert.deepEqual(inventoryOf(collect(collector)), DELL);
  time = 3_599_999;
  collect(collector);
  assert.deepEqual(questions, ['cpu', 'system']);
  time = 3_600_000;
  assert.deepEqual(inventoryOf(collect(collector)), DELL);
  assert.deepEqual(questions, ['cpu', 'system', 'cpu', 'system']);
});

test('what it does not know, or takes for a container, is absent', async () => {
  const { asked: systeminformation } = asked({
    cpu: async () => ({ manufacturer: '', brand: '' }),
    system: async () => ({ manufacturer: '', model: 'Docker Container' }),
  });
  const collector = inventory({ nodename: 'n', now: () => 0, asked: systeminformation });
  collect(collector);
  await settled();
  const collected = collect(collector);
  assert.deepEqual(inventoryOf(collected), {});
  assert.equal(collected.failures.size, 0);
});

test('an inventory that fails, or never answers, is a failure of its collector', async () => {
  let time = 0;
  const failing = asked({ cpu: () => Promise.reject(new Error('no lscpu')) });
  const hanging = asked({ cpu: () => NEVER });
  const collectors = [failing, hanging].map(({ asked }) => inventory({ nodename: 'n', now: () => time, asked }));
  for (const collector of collectors) collect(collector);
  await settled();
  time = 60_001;
  const [failed, hung] = collectors.map((collector) => collect(collector).failures.get('inventory'));
  assert.equal(failed, 'systeminformation: no lscpu');
  assert.equal(hung, 'systeminformation: no answer for 60000 ms');
});

test('without /proc what can be told truthfully is told, one tick late', async () => {
  const { asked: systeminformation } = asked();
  const collectors = portableCollectors({ nodename: 'mac', now: () => 0, asked: systeminformation });
  collect(...collectors);
  await settled();
  const { metrics, failures } = collect(...collectors);
  assert.equal(failures.size, 0);
  assert.equal(metrics.node_memory_MemTotal_bytes, 8);
  assert.deepEqual(metrics.node_filesystem_avail_bytes, [['/dev/disk1', '/', 'APFS', '', 40]]);
  assert.deepEqual(metrics.node_network_transmit_bytes_total, [['en0', 6]]);
  assert.ok((metrics.node_cpu_seconds_total as unknown[]).length > 0);
  assert.ok(Array.isArray(metrics.node_uname_info));
  assert.equal(metrics.node_uname_info[0][4], 'mac');
});

test('systeminformation answers here as it is expected to', async () => {
  const answers: Promise<unknown>[] = [];
  const noted = <T>(answer: Promise<T>): Promise<T> => {
    answers.push(answer);
    return answer;
  };
  const really = { cpu: () => noted(si.cpu()), system: () => noted(si.system()) } as Asked;
  const collector = inventory({ nodename: 'n', now: () => 0, asked: really });
  collect(collector);
  const [cpu] = (await Promise.all(answers)) as [{ manufacturer: string; brand: string }];
  await settled();
  const { metrics, failures } = collect(collector);
  assert.equal(failures.size, 0);
  assert.deepEqual(metrics.sysmon_node_cpu_model_info, cpu.brand ? [[cpu.manufacturer, cpu.brand, 1]] : undefined);
});
