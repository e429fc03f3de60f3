/**
 * /sys/class/nvme: controllers, what they are and how they fare, and the namespaces on them. Sizes are told in sectors of 512
 * bytes, use in the namespace's own blocks. What does not move is read once a minute: for the use the kernel asks the drive.
 *
 *   nvme0/{model,serial,firmware_rev,cntlid,state}   nvme0/nvme0n1/{size,nuse,ana_state,queue/logical_block_size}
 *
 * https://www.kernel.org/doc/Documentation/ABI/stable/sysfs-block
 */

import type { Collector } from '../collector.ts';
import { numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const CLASS = 'sys/class/nvme';
const SECTOR_BYTES = 512;

export function nvme(now: () => number): Collector {
  const controllers = remembered(now, A_MINUTE_MS, (host) =>
    host.list(CLASS).map((device) => ({
      device,
      firmware_revision: textIn(host, `${CLASS}/${device}/firmware_rev`) ?? '',
      model: textIn(host, `${CLASS}/${device}/model`) ?? '',
      serial: textIn(host, `${CLASS}/${device}/serial`) ?? '',
      cntlid: textIn(host, `${CLASS}/${device}/cntlid`) ?? '',
      namespaces: namespacesOf(host, device),
    })),
  );
  return {
    name: 'nvme',
    collect(host, emit) {
      for (const { namespaces, ...labels } of controllers(host)) {
        const { device } = labels;
        const state = textIn(host, `${CLASS}/${device}/state`);
        if (state !== undefined) emit('node_nvme_info', 1, { ...labels, state });
        for (const { nsid, ana_state, size, used, block } of namespaces) {
          emit('node_nvme_namespace_info', 1, { device, nsid, ana_state });
          emit('node_nvme_namespace_capacity_bytes', size, { device, nsid });
          emit('node_nvme_namespace_size_bytes', size, { device, nsid });
          emit('node_nvme_namespace_used_bytes', used, { device, nsid });
          emit('node_nvme_namespace_logical_block_size_bytes', block, { device, nsid });
        }
      }
    },
  };
}

interface Namespace {
  readonly nsid: string;
  readonly ana_state: string;
  /** Bytes. */
  readonly size: number | undefined;
  readonly used: number | undefined;
  readonly block: number | undefined;
}

function namespacesOf(host: Host, device: string): Namespace[] {
  return host.list(`${CLASS}/${device}`).flatMap((entry) => {
    const nsid = /^nvme\d+n(\d+)$/.exec(entry)?.[1];
    if (nsid === undefined) return [];
    const path = `${CLASS}/${device}/${entry}`;
    const block = numberIn(host, `${path}/queue/logical_block_size`);
    return {
      nsid,
      ana_state: textIn(host, `${path}/ana_state`) ?? 'unknown',
      size: numberIn(host, `${path}/size`, SECTOR_BYTES),
      used: block === undefined ? undefined : numberIn(host, `${path}/nuse`, block),
      block,
    };
  });
}
