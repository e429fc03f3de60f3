/** The collectors of a simulated node, under the names and in the order of the real ones. */
import type { Collector } from '../../collector.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { cpu, loadavg, pressure } from './cpu.ts';
import { edac, hwmon, mdadm, nvme, powerSupply, rapl, thermalZone } from './hardware.ts';
import { dmi, os, selinux, time, timezone, uname } from './identity.ts';
import { cpufreq, entropy, filefd, kernelHung, schedstat, softnet, stat, vmstat } from './kernel.ts';
import { meminfo } from './memory.ts';
import { bonding, netclass } from './netclass.ts';
import { netdev } from './network.ts';
import { cpuinfo, interrupts, processes, tcpstat } from './processes.ts';
import { arp, conntrack, netstat, sockstat, udpQueues } from './protocols.ts';
import { diskstats, filesystem } from './storage.ts';

type Simulated = (node: SimulatedNode) => Collector;

const SIMULATED: readonly Simulated[] = [
  cpu,
  stat,
  cpufreq,
  loadavg,
  schedstat,
  meminfo,
  vmstat,
  pressure,
  entropy,
  filefd,
  kernelHung,
  time,
  timezone,
  os,
  dmi,
  selinux,
  diskstats,
  filesystem,
  netdev,
  netclass,
  netstat,
  sockstat,
  softnet,
  udpQueues,
  conntrack,
  arp,
  bonding,
  mdadm,
  nvme,
  hwmon,
  thermalZone,
  powerSupply,
  rapl,
  edac,
  uname,
  cpuinfo,
  processes,
  interrupts,
  tcpstat,
];

export function simulatedCollectors(node: SimulatedNode): readonly Collector[] {
  return SIMULATED.map((collector) => collector(node));
}

/** The standard collectors that a simulated node does not have, and why. */
export const NOT_SIMULATED: Readonly<Record<string, string>> = {
  watchdog: 'virtual machines have none, and no dashboard shows it',
  ipvs: 'no node of the fleet balances load by IPVS',
  nfs: 'no node of the fleet mounts NFS',
  nfsd: 'no node of the fleet serves NFS',
  infiniband: 'no node of the fleet has such ports',
  fibrechannel: 'no node of the fleet has such ports',
  tapestats: 'no node of the fleet has tapes',
  dmmultipath: 'no node of the fleet reaches a disk by several paths',
  bcache: 'no node of the fleet has one',
  btrfs: 'no node of the fleet has one',
  zfs: 'no node of the fleet has one',
  xfs: 'its counters are for those who develop it; filesystem and diskstats show what people look at',
};
