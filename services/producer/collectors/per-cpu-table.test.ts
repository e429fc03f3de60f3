import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { interrupts } from './interrupts.ts';
import { parsePerCpuTable } from './per-cpu-table.ts';
import { softirqs } from './softirqs.ts';

const INTERRUPTS = `           CPU0       CPU2
 24:          1          0  IO-APIC   5-edge      ACPI:Ged, x
 25:         20         30 PCI-MSIX-0000:00:01.0   0-edge
LOC:          7          8   Local timer interrupts
ERR:          0
MIS:          0
`;

test('interrupts: by the numbers of the CPUs that run', () => {
  const host = fakeHost({ 'proc/interrupts': INTERRUPTS });
  assert.deepEqual(collected(interrupts(), host), {
    series: [
      'node_interrupts_total{cpu="0",type="24",info="IO-APIC",devices="5-edge ACPI:Ged, x"} 1',
      'node_interrupts_total{cpu="2",type="24",info="IO-APIC",devices="5-edge ACPI:Ged, x"} 0',
      'node_interrupts_total{cpu="0",type="25",info="PCI-MSIX-0000:00:01.0",devices="0-edge"} 20',
      'node_interrupts_total{cpu="2",type="25",info="PCI-MSIX-0000:00:01.0",devices="0-edge"} 30',
      'node_interrupts_total{cpu="0",type="LOC",info="Local timer interrupts"} 7',
      'node_interrupts_total{cpu="2",type="LOC",info="Local timer interrupts"} 8',
    ],
    failure: undefined,
  });
});

test('interrupts: what is not counted by CPU is left out on a machine with one CPU, too', () => {
  const host = fakeHost({ 'proc/interrupts': ' CPU0\nNMI: 3 Non-maskable interrupts\nERR: 0\n' });
  assert.deepEqual(collected(interrupts(), host).series, [
    'node_interrupts_total{cpu="0",type="NMI",info="Non-maskable interrupts"} 3',
  ]);
});

test('interrupts: of a line with a count that is missing or garbled none is right, the others stay', () => {
  for (const line of [' 24:          0  IO-APIC   5-edge', ' 24:   x   0  IO-APIC', 'garbage']) {
    const host = fakeHost({ 'proc/interrupts': `CPU0 CPU2\n${line}\nLOC: 7 8 Local\n` });
    const { series, failure } = collected(interrupts(), host);
    assert.equal(series.length, 2, line);
    assert.match(failure ?? '', /node_interrupts_total\{cpu="0",type="(24)?".*1 more/, line);
  }
});

test('softirqs: a line that is short is absent and told', () => {
  const { series, failure } = collected(softirqs(), fakeHost({ 'proc/softirqs': 'CPU0 CPU1\nHI: 7\nRCU: 1 2\n' }));
  assert.equal(series.length, 2);
  assert.match(failure ?? '', /node_softirqs_functions_total\{cpu="0",type="HI"\}/);
});

test('softirqs: by type and CPU', () => {
  const host = fakeHost({ 'proc/softirqs': '     CPU0       CPU1\n  HI:   0    1\n   NET_RX:  49243  51625\n' });
  assert.deepEqual(collected(softirqs(), host).series, [
    'node_softirqs_functions_total{cpu="0",type="HI"} 0',
    'node_softirqs_functions_total{cpu="1",type="HI"} 1',
    'node_softirqs_functions_total{cpu="0",type="NET_RX"} 49243',
    'node_softirqs_functions_total{cpu="1",type="NET_RX"} 51625',
  ]);
});

test('a table by CPU without a head, or cut, is unreadable', () => {
  for (const text of ['', '\n', ' 24: 1 2 IO-APIC\n', 'CPU0 CPUx\n', 'CPU0\nHI: 1']) {
    assert.throws(() => parsePerCpuTable('/proc/softirqs', text), { code: 'PARSE' }, JSON.stringify(text));
  }
});

test('a table by CPU of 256 CPUs and 500 lines', () => {
  const head = Array.from({ length: 256 }, (_, cpu) => `CPU${cpu}`).join(' ');
  const line = (i: number) => `${i}: ${Array.from({ length: 256 }, (_, cpu) => cpu).join(' ')} PCI-MSI device\n`;
  const table = parsePerCpuTable('x', `${head}\n${Array.from({ length: 500 }, (_, i) => line(i)).join('')}`);
  assert.deepEqual([table.lines.length, table.lines[499]?.counts[255]], [500, 255]);
});
