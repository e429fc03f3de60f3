import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuInfo, parseCpuinfo } from './cpuinfo.ts';

const NOTHING: CpuInfo = {
  package: '',
  core: '',
  cpu: '0',
  vendor: '',
  family: '',
  model: '',
  model_name: '',
  microcode: '',
  stepping: '',
  cachesize: '',
};
const X86 = `processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC: the second
stepping\t: 1
microcode\t: 0x1000065
cache size\t: 1024 KB
physical id\t: 0
core id\t\t: 3
power management:

`;
const ARM =
  'processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n';

const TABLE: readonly [what: string, text: string, expected: CpuInfo[]][] = [
  [
    'x86',
    X86,
    [
      {
        package: '0',
        core: '3',
        cpu: '0',
        vendor: 'AuthenticAMD',
        family: '25',
        model: '17',
        model_name: 'AMD EPYC: the second',
        microcode: '0x1000065',
        stepping: '1',
        cachesize: '1024 KB',
      },
    ],
  ],
  ['ARM', ARM, [{ ...NOTHING, vendor: '0x41', family: '8', model: '0xd0c', stepping: '1' }]],
  ['CPUs may be missing', 'processor : 0\n\nprocessor : 2\n', [NOTHING, { ...NOTHING, cpu: '2' }]],
  ['lines of another kind are passed over', 'garbage\nprocessor : 0\n?\n', [NOTHING]],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/cpuinfo: ${what}`, () => {
    assert.deepEqual(parseCpuinfo(text), expected);
  });
}

test('/proc/cpuinfo: without a processor, or cut, it is unreadable', () => {
  for (const text of ['', 'model : 17\n', 'processor : 0\nmodel na']) {
    assert.throws(() => parseCpuinfo(text), { code: 'PARSE' }, JSON.stringify(text));
  }
});

test('/proc/cpuinfo: 256 CPUs', () => {
  const text = Array.from({ length: 256 }, (_, cpu) => X86.replace(': 0', `: ${cpu}`)).join('');
  assert.equal(parseCpuinfo(text)[255]?.cpu, '255');
});
