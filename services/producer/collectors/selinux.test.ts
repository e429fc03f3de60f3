import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseConfigMode, selinux } from './selinux.ts';

const WITHOUT = { 'sys/fs/cgroup/cgroup.procs': '' };
const config = (mode: string) => ({
  'etc/selinux/config': `# SELINUX= can be\nSELINUX=${mode}\nSELINUXTYPE=targeted\n`,
});

const TABLE: readonly [what: string, files: Readonly<Record<string, string>>, expected: string[]][] = [
  ['a kernel without it', WITHOUT, ['node_selinux_enabled 0']],
  ['a kernel without it, whatever is configured', { ...WITHOUT, ...config('enforcing') }, ['node_selinux_enabled 0']],
  [
    'it enforces',
    { 'sys/fs/selinux/enforce': '1', ...config('enforcing') },
    ['node_selinux_enabled 1', 'node_selinux_current_mode 1', 'node_selinux_config_mode 1'],
  ],
  [
    'it is permissive for now',
    { 'sys/fs/selinux/enforce': '0', ...config('enforcing') },
    ['node_selinux_enabled 1', 'node_selinux_current_mode 0', 'node_selinux_config_mode 1'],
  ],
  [
    'nothing is configured',
    { 'sys/fs/selinux/enforce': '1' },
    ['node_selinux_enabled 1', 'node_selinux_current_mode 1'],
  ],
  ['it is not to be seen', { 'sys/fs/selinux/x': '' }, []],
  ['it is not to be seen, and disabled', { 'sys/fs/selinux/x': '', ...config('disabled') }, ['node_selinux_enabled 0']],
  ['there is no /sys', {}, []],
];
for (const [what, files, series] of TABLE) {
  test(`SELinux: ${what}`, () => {
    assert.deepEqual(collected(selinux(), fakeHost(files)), { series, failure: undefined });
  });
}

test('SELinux: a mode that is none is absent and told', () => {
  const { series, failure } = collected(selinux(), fakeHost({ 'sys/fs/selinux/enforce': 'x', ...config('strict') }));
  assert.deepEqual(series, ['node_selinux_enabled 1']);
  assert.match(failure ?? '', /node_selinux_current_mode.*; 1 more/);
});

test('SELinux: the last assignment counts', () => {
  assert.equal(parseConfigMode('SELINUX=enforcing\n SELINUX=Permissive \n'), 0);
  assert.equal(parseConfigMode('SELINUXTYPE=targeted\n'), undefined);
});
