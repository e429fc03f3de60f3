import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { netclass } from './netclass.ts';

function seriesOf(files: Record<string, string>): string[] {
  const below = Object.entries(files).map(([file, text]) => [`sys/class/net/eth0/${file}`, text]);
  const { series, failure } = collected(
    netclass(() => 0),
    fakeHost(Object.fromEntries(below)),
  );
  assert.equal(failure, undefined);
  return series;
}

const TABLE: readonly [what: string, files: Record<string, string>, expected: string[]][] = [
  ['up', { operstate: 'up\n' }, ['node_network_up{device="eth0"} 1']],
  ['unknown is not up', { operstate: 'unknown\n' }, ['node_network_up{device="eth0"} 0']],
  ['flags are hexadecimal', { flags: '0x1003\n' }, ['node_network_flags{device="eth0"} 4099']],
  ['speed is in megabits', { speed: '10000\n' }, ['node_network_speed_bytes{device="eth0"} 1250000000']],
  ['a speed of -1 is none', { speed: '-1\n' }, []],
];
for (const [what, files, expected] of TABLE) {
  test(`/sys/class/net: ${what}`, () => {
    assert.deepEqual(
      seriesOf(files).filter((line) => !line.startsWith('node_network_info')),
      expected,
    );
  });
}

test('/sys/class/net: without a single interface it is not the file system that it should be', () => {
  const { series, failure } = collected(
    netclass(() => 0),
    fakeHost({}),
  );
  assert.deepEqual(series, []);
  assert.match(failure ?? '', /\/sys\/class\/net: expected a directory with interfaces/);
});

test('/sys/class/net: a number that cannot be read is left out and told, its neighbours stay', () => {
  const host = fakeHost({ 'sys/class/net/a/mtu': 'x', 'sys/class/net/b/mtu': '1500' });
  const { series, failure } = collected(
    netclass(() => 0),
    host,
  );
  assert.deepEqual(
    series.filter((line) => line.includes('mtu')),
    ['node_network_mtu_bytes{device="b"} 1500'],
  );
  assert.match(failure ?? '', /node_network_mtu_bytes/);
});

/** Of an interface that was looked at in the beginning: what is said of its MTU when it has changed meanwhile. */
function mtuAfter(milliseconds: number, change: Record<string, string> = {}): string | undefined {
  let now = 1000;
  const files: Record<string, string> = {
    'sys/class/net/eth0/operstate': 'up',
    'sys/class/net/eth0/carrier_changes': '2',
    'sys/class/net/eth0/mtu': '1500',
  };
  const collector = netclass(() => now);
  collected(collector, fakeHost(files));
  now += milliseconds;
  const { series } = collected(collector, fakeHost({ ...files, 'sys/class/net/eth0/mtu': '9000', ...change }));
  return series.find((line) => line.startsWith('node_network_mtu_bytes'))?.split(' ')[1];
}

test('/sys/class/net: what rarely changes is read again when a minute is over at the latest', () => {
  assert.equal(mtuAfter(1000), '1500');
  assert.equal(mtuAfter(60_000), '9000');
});

test('/sys/class/net: it is read again at once when the state or the carrier has changed, or the clock was set back', () => {
  assert.equal(mtuAfter(1, { 'sys/class/net/eth0/operstate': 'down' }), '9000');
  assert.equal(mtuAfter(1, { 'sys/class/net/eth0/carrier_changes': '4' }), '9000');
  assert.equal(mtuAfter(-1), '9000');
});

test('/sys/class/net: a thousand interfaces are read again a part at a time', () => {
  let now = 0;
  let reads = 0;
  const names = Array.from({ length: 1000 }, (_, i) => `veth${i}`);
  const host = {
    ...fakeHost({}),
    list: () => names,
    peek(path: string) {
      if (path.endsWith('/mtu')) reads++;
      return path.endsWith('/operstate') ? 'up' : '1';
    },
  };
  const collector = netclass(() => now);
  const readsAtEachTick = [];
  for (; now <= 180_000; now += 5000) {
    reads = 0;
    collected(collector, host);
    readsAtEachTick.push(reads);
  }
  const [first, ...later] = readsAtEachTick;
  assert.equal(first, 1000);
  assert.ok(
    later.every((count) => count > 50 && count < 120),
    later.join(),
  );
});
