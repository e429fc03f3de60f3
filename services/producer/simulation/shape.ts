/** The kinds of machine that a fleet is made of: what does not change while one runs. */
import type { Random } from './random.ts';

const KIB = 1024;
const GIB = KIB ** 3;
const TIB = KIB ** 4;

export interface DiskShape {
  readonly device: string;
  readonly kind: 'ssd' | 'hdd';
  /** Seconds that it is at work in a second of the fleet's usual business. */
  readonly busy: number;
}

export interface MountShape {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: 'ext4' | 'xfs' | 'vfat' | 'tmpfs';
  readonly numbers: readonly [major: string, minor: string];
  readonly size: number;
  /** How full it is at its emptiest, and how much more at its fullest; apart from that it does not change. */
  readonly used: number;
  readonly grows: number;
}

export interface LinkShape {
  readonly device: string;
  /** What carries the node's traffic out, what only passes it on, or the loopback. */
  readonly kind: 'port' | 'bond' | 'bridge' | 'veth' | 'loopback';
  /** Bytes a second that the link can carry; unknown for what is not made of wire. */
  readonly speed?: number;
  /** The part of the node's traffic that passes here. */
  readonly share: number;
}

export interface Shape {
  readonly name: 'small' | 'general' | 'storage' | 'big';
  readonly cpus: number;
  /** As sold; the kernel keeps a little for itself. */
  readonly memory: number;
  readonly swap: number;
  /** A machine of metal has sensors, ports and arrays; a virtual one has neighbours who steal time. */
  readonly metal: boolean;
  readonly disks: readonly DiskShape[];
  readonly mounts: readonly MountShape[];
  readonly links: readonly LinkShape[];
  /** Bytes a second in both directions at the fleet's usual business. */
  readonly traffic: number;
  readonly cpuModel: {
    readonly vendor: string;
    readonly name: string;
    readonly family: string;
    readonly model: string;
  };
  readonly hertz: { readonly min: number; readonly max: number };
  readonly product: { readonly vendor: string; readonly name: string };
}

const GIGABIT = 1e9 / 8;
const VIRTUAL = { vendor: 'QEMU', name: 'Standard PC (Q35 + ICH9, 2009)' };
const CLOUD_CPU = { vendor: 'GenuineIntel', name: 'Intel Xeon Processor (Icelake)', family: '6', model: '106' };
const EPYC = { vendor: 'AuthenticAMD', name: 'AMD EPYC 9354 32-Core Processor', family: '25', model: '17' };

const run = (size: number): MountShape => ({
  device: 'tmpfs',
  mountpoint: '/run',
  fstype: 'tmpfs',
  numbers: ['0', '24'],
  size,
  used: 0.004,
  grows: 0.002,
});
const root = (device: string, numbers: readonly [string, string]) =>
  ({ device, mountpoint: '/', fstype: 'ext4', numbers }) as const;
const efi = (device: string, numbers: readonly [string, string]): MountShape => ({
  device,
  mountpoint: '/boot/efi',
  fstype: 'vfat',
  numbers,
  size: 0.5 * GIB,
  used: 0.02,
  grows: 0,
});
const loopback: LinkShape = { device: 'lo', kind: 'loopback', share: 0.06 };
const bridge: LinkShape = { device: 'cni0', kind: 'bridge', share: 0.5 };
const veths = (count: number): LinkShape[] =>
  Array.from({ length: count }, (_, i) => ({
    device: `veth${(((i + 3) * 0x1f3a5c7) >>> 0).toString(16).padStart(8, '0').slice(-8)}`,
    kind: 'veth',
    share: 0.5 / count,
  }));
const bonded: LinkShape[] = [
  { device: 'eno1', kind: 'port', speed: 25 * GIGABIT, share: 0.5 },
  { device: 'eno2', kind: 'port', speed: 25 * GIGABIT, share: 0.5 },
  { device: 'bond0', kind: 'bond', speed: 50 * GIGABIT, share: 1 },
];

const SMALL: Shape = {
  name: 'small',
  cpus: 2,
  memory: 4 * GIB,
  swap: GIB,
  metal: false,
  disks: [{ device: 'vda', kind: 'ssd', busy: 0.06 }],
  mounts: [
    { ...root('/dev/vda1', ['254', '1']), size: 39 * GIB, used: 0.33, grows: 0.2 },
    efi('/dev/vda15', ['254', '15']),
    run(0.39 * GIB),
  ],
  links: [loopback, { device: 'eth0', kind: 'port', speed: GIGABIT, share: 1 }],
  traffic: 3e6,
  cpuModel: CLOUD_CPU,
  hertz: { min: 2.4e9, max: 2.4e9 },
  product: VIRTUAL,
};

const GENERAL: Shape = {
  ...SMALL,
  name: 'general',
  cpus: 8,
  memory: 32 * GIB,
  swap: 0,
  disks: [
    { device: 'vda', kind: 'ssd', busy: 0.04 },
    { device: 'vdb', kind: 'ssd', busy: 0.12 },
  ],
  mounts: [
    { ...root('/dev/vda1', ['254', '1']), size: 58 * GIB, used: 0.3, grows: 0.18 },
    {
      device: '/dev/vdb',
      mountpoint: '/var/lib/containerd',
      fstype: 'xfs',
      numbers: ['254', '16'],
      size: 200 * GIB,
      used: 0.36,
      grows: 0.22,
    },
    efi('/dev/vda15', ['254', '15']),
    run(3.1 * GIB),
  ],
  links: [loopback, { device: 'eth0', kind: 'port', speed: 10 * GIGABIT, share: 1 }, bridge, ...veths(3)],
  traffic: 14e6,
};

const STORAGE: Shape = {
  name: 'storage',
  cpus: 16,
  memory: 128 * GIB,
  swap: 8 * GIB,
  metal: true,
  disks: [
    { device: 'nvme0n1', kind: 'ssd', busy: 0.03 },
    ...Array.from({ length: 12 }, (_, i): DiskShape => {
      return { device: `sd${String.fromCharCode('a'.charCodeAt(0) + i)}`, kind: 'hdd', busy: 0.28 };
    }),
    { device: 'md0', kind: 'ssd', busy: 0.3 },
  ],
  mounts: [
    { ...root('/dev/nvme0n1p2', ['259', '2']), size: 94 * GIB, used: 0.22, grows: 0.1 },
    {
      device: '/dev/md0',
      mountpoint: '/srv',
      fstype: 'xfs',
      numbers: ['9', '0'],
      size: 98 * TIB,
      used: 0.52,
      grows: 0.08,
    },
    efi('/dev/nvme0n1p1', ['259', '1']),
    run(12.6 * GIB),
  ],
  links: [loopback, ...bonded],
  traffic: 40e6,
  cpuModel: EPYC,
  hertz: { min: 1.5e9, max: 3.8e9 },
  product: { vendor: 'Supermicro', name: 'SSG-520P' },
};

const BIG: Shape = {
  ...STORAGE,
  name: 'big',
  cpus: 64,
  memory: 256 * GIB,
  swap: 0,
  disks: Array.from({ length: 6 }, (_, i): DiskShape => {
    return { device: `nvme${i}n1`, kind: 'ssd', busy: i === 0 ? 0.05 : 0.16 };
  }),
  mounts: [
    { ...root('/dev/nvme0n1p2', ['259', '2']), size: 94 * GIB, used: 0.24, grows: 0.14 },
    ...Array.from({ length: 5 }, (_, i): MountShape => {
      return {
        device: `/dev/nvme${i + 1}n1`,
        mountpoint: `/data/${i + 1}`,
        fstype: 'xfs',
        numbers: ['259', String(i + 3)],
        size: 3.4 * TIB,
        used: 0.38,
        grows: 0.2,
      };
    }),
    efi('/dev/nvme0n1p1', ['259', '1']),
    run(25.1 * GIB),
  ],
  links: [loopback, ...bonded, bridge, ...veths(6)],
  traffic: 60e6,
  product: { vendor: 'Dell Inc.', name: 'PowerEdge R7625' },
};

/** Of a hundred nodes. */
const FLEET = [
  { shape: SMALL, of: 50 },
  { shape: GENERAL, of: 40 },
  { shape: STORAGE, of: 7 },
  { shape: BIG, of: 3 },
] as const;

export function chooseShape(random: Random): Shape {
  let left = random() * 100;
  for (const { shape, of } of FLEET) {
    left -= of;
    if (left < 0) return shape;
  }
  return GENERAL;
}
