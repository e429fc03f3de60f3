import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAll } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { filesystem } from './filesystem.ts';

const SIZE = { size: 5, free: 4, available: 3, files: 2, filesFree: 1 };

/** The mount points that are asked for their size: at once, and by the way that never waits. */
function asked(mountinfo: string, files: Partial<Host> = {}) {
  const points: string[] = [];
  const remote: string[] = [];
  const host: Host = {
    own: false,
    read: (path) => (path === 'proc/1/mountinfo' ? mountinfo : undefined),
    peek: () => undefined,
    list: () => [],
    link: () => undefined,
    device: () => undefined,
    statfs(path) {
      points.push(path);
      return SIZE;
    },
    statfsRemote(paths) {
      remote.push(...paths);
      return new Map(paths.map((path) => [path, SIZE]));
    },
    close: () => undefined,
    ...files,
  };
  const { metrics, failures } = collectAll([filesystem()], host, () => 0);
  return { points, remote, metrics, failures };
}
const mount = (mountpoint: string, fstype: string, device = 'd') =>
  `1 2 8:1 / ${mountpoint} rw - ${fstype} ${device} rw\n`;

test('what node_exporter leaves out by default is left out', () => {
  const types = ['proc', 'cgroup2', 'overlay', 'squashfs', 'autofs', 'nsfs', 'devtmpfs'];
  const points = [
    '/dev/shm',
    '/proc/fs',
    '/sys',
    '/run/credentials/a',
    '/var/lib/docker/x',
    '/var/lib/containers/storage/x',
  ];
  const kept = ['/', '/device', '/var/lib/docker', '/run', '/var/lib/kubelet/x'];
  const text = [
    ...types.map((type, i) => mount(`/t${i}`, type)),
    ...points.map((point) => mount(point, 'tmpfs')),
    ...kept.map((point) => mount(point, 'xfs')),
  ];
  assert.deepEqual(asked(text.join('')).points, kept);
});

test('a server or a program is never waited for, nor what is mounted below it, nor a kind that nobody knows', () => {
  const types = [
    'nfs',
    'nfs4',
    'cifs',
    'smb3',
    'ceph',
    'fuse',
    'fuse.sshfs',
    'fuseblk',
    '9p',
    'virtiofs',
    'lustre',
    'new',
  ];
  const text = [
    mount('/', 'ext4'),
    ...types.map((type) => mount(`/mnt/${type}`, type)),
    mount('/mnt/nfs/local', 'ext4'),
    mount('/mnt/nfs-not', 'ext4'),
    mount('/dev/hidden', 'fuse'),
    mount('/proc/over', 'overlay'),
  ];
  const { points, remote } = asked(text.join(''));
  assert.deepEqual(points, ['/', '/mnt/nfs-not']);
  assert.deepEqual(remote, [...types.map((type) => `/mnt/${type}`), '/mnt/nfs/local']);
});

test('local file systems of all the usual kinds are asked at once', () => {
  const types = [
    'ext4',
    'xfs',
    'btrfs',
    'zfs',
    'tmpfs',
    'vfat',
    'exfat',
    'ntfs3',
    'f2fs',
    'bcachefs',
    'ramfs',
    'efivarfs',
  ];
  const text = types.map((type) => mount(`/${type}`, type)).join('');
  assert.deepEqual(
    asked(text).points,
    types.map((type) => `/${type}`),
  );
});

test('a machine whose root is on a server still has its local file systems asked at once', () => {
  const { points, remote } = asked(mount('/', 'nfs4') + mount('/scratch', 'xfs'));
  assert.deepEqual([points, remote], [['/scratch'], ['/']]);
});

test('a remote file system that has not answered yet has no series, one that does not answer has an error', () => {
  const statfsRemote: Host['statfsRemote'] = () => new Map([['/b', { error: 'ETIMEOUT' }]]);
  const { metrics, failures } = asked(mount('/a', 'nfs') + mount('/b', 'nfs'), { statfsRemote });
  assert.deepEqual(metrics.node_filesystem_device_error, [['d', '/b', 'nfs', 'mountpoint timeout', 1]]);
  assert.equal(metrics.node_filesystem_size_bytes, undefined);
  assert.equal(failures.size, 0);
});

test('a place mounted over by the same name is one series', () => {
  const { points, failures } = asked(mount('/run', 'tmpfs') + mount('/run', 'tmpfs') + mount('/run', 'tmpfs', 'other'));
  assert.deepEqual(points, ['/run', '/run']);
  assert.equal(failures.size, 0);
});

test('a file system that cannot answer has an error, in the words of node_exporter, and no size', () => {
  const { metrics, failures } = asked(mount('/', 'ext4'), { statfs: () => ({ error: 'EIO' }) });
  assert.deepEqual(metrics.node_filesystem_device_error, [['d', '/', 'ext4', 'input/output error', 1]]);
  assert.deepEqual(metrics.node_filesystem_readonly, [['d', '/', 'ext4', 'input/output error', 0]]);
  assert.equal(metrics.node_filesystem_size_bytes, undefined);
  assert.equal(failures.size, 0);
});

test('the list of this process stands in for that of the host only where this process is on the host', () => {
  const read: Host['read'] = (path) => (path === 'proc/self/mountinfo' ? mount('/', 'ext4') : undefined);
  assert.deepEqual(asked('', { read, own: true }).points, ['/']);
  assert.deepEqual(asked('', { read, own: false }).points, []);
});

test('mountinfo: 500 mounts', () => {
  const text = Array.from({ length: 500 }, (_, i) => mount(`/m${i}`, 'ext4')).join('');
  assert.equal(asked(text).points.length, 500);
});
