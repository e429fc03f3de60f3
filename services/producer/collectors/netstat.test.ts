import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { netstat } from './netstat.ts';

const NETSTAT = 'TcpExt: SyncookiesSent ArpFilter TCPTimeouts\nTcpExt: 1 2 3\nIpExt: InNoRoutes InOctets\nIpExt: 4 5\n';
const SNMP = 'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: MaxConn CurrEstab InErrs\nTcp: -1 7 8\n';
const SNMP6 = 'Ip6InReceives                   \t9\nIp6InOctets                     \t10\nUdpLite6InErrors \t11\n';

const SERIES = [
  ['TcpExt_SyncookiesSent', 1],
  ['TcpExt_TCPTimeouts', 3],
  ['IpExt_InOctets', 5],
  ['Ip_Forwarding', 1],
  ['Tcp_CurrEstab', 7],
  ['Tcp_InErrs', 8],
  ['Ip6_InOctets', 10],
  ['UdpLite6_InErrors', 11],
].map(([key, value]) => `node_netstat_${key} ${value}`);
const without = (...keys: readonly string[]) => SERIES.filter((line) => !keys.some((key) => line.includes(key)));

const OLD = { netstat: NETSTAT, snmp: SNMP, snmp6: SNMP6 };
const TABLE: readonly [what: string, files: Partial<typeof OLD>, expected: string[], failure?: RegExp][] = [
  ['the fields that are wanted', {}, SERIES],
  ['a kernel without IPv6 has no snmp6', { snmp6: '' }, without('6_')],
  [
    'a value that is no number is left out and told',
    { snmp: SNMP.replace(' 7 ', ' x ') },
    without('CurrEstab'),
    /node_netstat_Tcp_CurrEstab/,
  ],
  [
    'with a value too few for a protocol nobody knows which one is missing',
    { snmp: SNMP.replace(' 7 ', ' ') },
    without('Tcp_'),
    /node_netstat_Tcp_CurrEstab.*; 1 more/,
  ],
  [
    'values of another protocol are not those of the names before',
    { netstat: NETSTAT.replace('TcpExt: 1', 'MPTcpExt: 1') },
    without('TcpExt'),
    /a line of names and one of values/,
  ],
  [
    'names without values',
    { netstat: `${NETSTAT}MPTcpExt: MPCapableSYNRX\n` },
    SERIES,
    /a line of names and one of values/,
  ],
  ['a line of snmp6 that is garbled', { snmp6: `${SNMP6}Udp6InErrors x\n` }, SERIES, /a name and a value/],
  ['a file that was cut', { snmp: SNMP.slice(0, -1) }, without('Tcp_', 'Ip_'), /the end of a line/],
];
for (const [what, files, expected, failure] of TABLE) {
  test(`/proc/net/netstat: ${what}`, () => {
    const all = Object.entries({ ...OLD, ...files }).map(([name, text]) => [`proc/1/net/${name}`, text]);
    const got = collected(netstat(), fakeHost(Object.fromEntries(all)));
    assert.deepEqual(got.series, expected);
    assert.match(got.failure ?? '', failure ?? /^$/);
  });
}

test('/proc/net/netstat: names that move between two ticks take their values along', () => {
  const collector = netstat();
  const snmp = (text: string) => fakeHost({ 'proc/1/net/netstat': '', 'proc/1/net/snmp': text });
  collected(collector, snmp('Tcp: InSegs OutSegs\nTcp: 1 2\n'));
  assert.deepEqual(collected(collector, snmp('Tcp: New InSegs OutSegs\nTcp: 9 1 2\n')).series, [
    'node_netstat_Tcp_InSegs 1',
    'node_netstat_Tcp_OutSegs 2',
  ]);
});

test("/proc/net/netstat: a container's own is not the host's", () => {
  const files = { 'proc/net/netstat': NETSTAT, 'proc/net/snmp': SNMP, 'proc/net/snmp6': SNMP6 };
  const { series, failure } = collected(netstat(), fakeHost(files));
  assert.deepEqual(series, []);
  assert.match(failure ?? '', /\/proc\/1\/net\/netstat: expected a file that may be read/);
  assert.deepEqual(collected(netstat(), { ...fakeHost(files), own: true }).series, SERIES);
});
