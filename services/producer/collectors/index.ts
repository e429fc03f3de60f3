/** The collectors, one for each kernel file or family of files, in the order in which they run. */
import type { Collector } from '../collector.ts';
import { sharedFile } from '../host/shared-file.ts';
import type { Aspect } from '../host/view.ts';
import { arp } from './arp.ts';
import { bcache } from './bcache.ts';
import { bonding } from './bonding.ts';
import { btrfs } from './btrfs.ts';
import { buddyinfo } from './buddyinfo.ts';
import { conntrack } from './conntrack.ts';
import { cpu } from './cpu.ts';
import { cpufreq } from './cpufreq.ts';
import { cpuinfo } from './cpuinfo.ts';
import { diskstats } from './diskstats.ts';
import { dmi } from './dmi.ts';
import { dmmultipath } from './dmmultipath.ts';
import { edac } from './edac.ts';
import { entropy } from './entropy.ts';
import { fibrechannel } from './fibrechannel.ts';
import { filefd } from './filefd.ts';
import { filesystem } from './filesystem.ts';
import { hwmon } from './hwmon.ts';
import { infiniband } from './infiniband.ts';
import { interrupts } from './interrupts.ts';
import { ipvs } from './ipvs.ts';
import { kernelHung } from './kernel-hung.ts';
import { loadavg } from './loadavg.ts';
import { mdadm } from './mdadm.ts';
import { meminfo } from './meminfo.ts';
import { netclass } from './netclass.ts';
import { netdev } from './netdev.ts';
import { netstat } from './netstat.ts';
import { nfs } from './nfs.ts';
import { nfsd } from './nfsd.ts';
import { nvme } from './nvme.ts';
import { os } from './os.ts';
import { powerSupply } from './power-supply.ts';
import { pressure } from './pressure.ts';
import { processes } from './processes.ts';
import { rapl } from './rapl.ts';
import { schedstat } from './schedstat.ts';
import { selinux } from './selinux.ts';
import { sockstat } from './sockstat.ts';
import { softirqs } from './softirqs.ts';
import { softnet } from './softnet.ts';
import { stat } from './stat.ts';
import { tapestats } from './tapestats.ts';
import { tcpstat } from './tcpstat.ts';
import { thermalZone } from './thermal-zone.ts';
import { time } from './time.ts';
import { timezone } from './timezone.ts';
import { udpQueues } from './udp-queues.ts';
import { uname } from './uname.ts';
import { vmstat } from './vmstat.ts';
import { watchdog } from './watchdog.ts';
import { xfs } from './xfs.ts';
import { zfs } from './zfs.ts';
import { zoneinfo } from './zoneinfo.ts';

/** What no kernel file tells. */
export interface CollectorOptions {
  readonly nodename: string;
  /** The architecture, where the kernel is older than 6.1 and has no file for it. */
  readonly machine: string;
  /** The wall clock, milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Those that run unless they are taken out; new ones, with nothing remembered from earlier collections. */
export function standardCollectors(options: CollectorOptions): readonly Collector[] {
  const { now } = options;
  const procStat = sharedFile('proc/stat');
  return [
    cpu({ readStat: procStat.reader(), now }),
    stat(procStat.reader()),
    cpufreq(now),
    loadavg(),
    schedstat(),
    meminfo(),
    vmstat(),
    pressure(),
    entropy(),
    filefd(),
    kernelHung(),
    time(now),
    ...needing(['root'], timezone(now), os(now)),
    dmi(now),
    selinux(),
    watchdog(now),
    diskstats(now),
    mdadm(),
    nvme(now),
    dmmultipath(now),
    tapestats(now),
    xfs(now),
    btrfs(now),
    bcache(now),
    zfs(now),
    hwmon(now),
    thermalZone(now),
    powerSupply(now),
    rapl(now),
    edac(now),
    ...needing(['mounts', 'root'], filesystem()),
    // Where /proc/1 may not be read, /sys still shows the host's interfaces.
    ...needing(['pid'], netdev(), netclass(now), bonding()),
    ...needing(['network'], netstat(), sockstat(), udpQueues(), conntrack(), arp(), ipvs(), nfs(), nfsd()),
    softnet(),
    infiniband(now),
    fibrechannel(now),
    uname(options),
  ];
}

/** Those that run only where they are asked for, since they have many series, or cost much. */
export function optionalCollectors({ now }: Pick<CollectorOptions, 'now'>): readonly Collector[] {
  return [
    cpuinfo(now),
    interrupts(),
    softirqs(),
    zoneinfo(),
    buddyinfo(),
    ...needing(['pid'], processes()),
    ...needing(['network'], tcpstat()),
  ];
}

/** What these see is a container's own where the host is not mounted, or not wholly: then they do not run. */
function needing(needs: readonly Aspect[], ...collectors: readonly Collector[]): readonly Collector[] {
  return collectors.map((collector) => ({ ...collector, needs }));
}
