/**
 * Whether what is seen below the host's root is the host, or the container that the producer runs in. The most repeated fault
 * of agents in containers is to take one for the other, so each aspect is proven, and what is not the host's is not
 * published.
 *
 *   pid       /proc is that of the host's processes: process 1 there is the host's, not the container's
 *   network   and so /proc/1/net has the host's interfaces; a container's own /proc/net has the container's
 *   mounts    and so /proc/1/mountinfo has the host's mounts
 *   root      the root directory is on the device that process 1 of the host has its root on, so statfs(2) asks the host's
 *   hostname  the host name is the host's, not the container's
 *
 * All of it works without privilege, for any user, and holds for a host that is itself a container (as kind's nodes are). What
 * /proc shows whatever the container (CPUs, memory, load, disks, pressure) needs no proof.
 * https://man7.org/linux/man-pages/man7/namespaces.7.html
 */
import { parseMountinfo } from '../kernel/mountinfo.ts';
import type { Host } from './proc.ts';

export const ASPECTS = ['pid', 'network', 'mounts', 'root', 'hostname'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** Why an aspect is not the host's, or `undefined` if it is. */
export type HostView = Readonly<Record<Aspect, string | undefined>>;

/** Inode numbers that the kernel gives to its first namespaces (include/linux/proc_ns.h). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';
const FIRST_UTS_NAMESPACE = 'uts:[4026531838]';

/** @param named whether the node was told its name, and so needs no host name. */
export function proveHostView(host: Host, named: boolean): HostView {
  const pid = provePid(host);
  const mountinfo = pid === undefined ? host.read('proc/1/mountinfo') : undefined;
  const network = pid === undefined && !host.own && host.read('proc/1/net/dev') === undefined;
  return {
    pid,
    network: pid ?? (network ? '/proc/1/net may not be read' : undefined),
    mounts: pid ?? (mountinfo === undefined && !host.own ? '/proc/1/mountinfo may not be read' : undefined),
    root: pid ?? proveRoot(host, mountinfo ?? (host.own ? host.read('proc/self/mountinfo') : undefined)),
    hostname:
      named || host.link('proc/self/ns/uts') === FIRST_UTS_NAMESPACE
        ? undefined
        : "the host name is the container's: NODE_NAME has to tell the node's",
  };
}

/**
 * A process has a number in each of the namespaces from that of the /proc it is seen in down to its own: with more than one,
 * that /proc belongs to somebody outside. With one it is the process's own, and the host's only if that is the first.
 */
function provePid(host: Host): string | undefined {
  const numbers =
    /^NSpid:(.*)$/m
      .exec(host.read('proc/self/status') ?? '')?.[1]
      ?.trim()
      .split(/\s+/) ?? [];
  if (numbers.length > 1) return undefined;
  if (host.link('proc/self/ns/pid') === FIRST_PID_NAMESPACE) return undefined;
  return "process 1 is the container's";
}

function proveRoot(host: Host, mountinfo: string | undefined): string | undefined {
  const mounted = mountinfo === undefined ? [] : parseMountinfo(mountinfo).mounts;
  const root = mounted.findLast(({ mountpoint }) => mountpoint === '/');
  const device = host.device('');
  if (root === undefined || device === undefined) return 'the root device cannot be told';
  const [theirs, ours] = [`${root.major}:${root.minor}`, `${device.major}:${device.minor}`];
  // btrfs gives each of its subvolumes a number of its own, which mountinfo does not show.
  if (theirs === ours || (root.fstype === 'btrfs' && device.major === 0)) return undefined;
  return `the root directory is on device ${ours}, the host's is ${theirs}`;
}
