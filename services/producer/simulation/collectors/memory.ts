/** Memory whose parts add up: programs take theirs, the page cache has what is left, and a leak takes it away from the cache. */
import type { Collector } from '../../collector.ts';
import { between } from '../random.ts';
import { kilobytes } from '../rounding.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { FILL_GROWS } from './storage.ts';

const TOPIC = 2;
const GIB = 1024 ** 3;

export function meminfo(node: SimulatedNode): Collector {
  const random = node.random(TOPIC);
  const { shape, noise } = node;
  const total = kilobytes(shape.memory * between(random, 0.968, 0.974));
  const programs = between(random, 0.28, 0.46);
  const daily = between(random, 0.04, 0.1);
  const slack = between(random, 0.05, 0.16);
  const place = random() * 1e7;
  const shmem = kilobytes(total * between(random, 0.002, 0.012));
  const unreclaimable = kilobytes(total * between(random, 0.008, 0.02));
  const perCpu = kilobytes(shape.cpus * 1.6e6);
  /** Below this the kernel wakes up to reclaim. */
  const watermark = kilobytes(0.004 * total);
  return {
    name: 'meminfo',
    collect(_host, emit) {
      const { now } = node;
      const busy = now.cpu;
      const kernelStack = kilobytes((300 + 40 * shape.cpus) * 16_384 * (1 + 0.1 * busy));
      const pageTables = kilobytes(0.003 * total * (1 + 0.2 * busy));
      const fixed = unreclaimable + kernelStack + pageTables + perCpu + shmem;
      const wanted = total * (programs + daily * busy + 0.015 * noise.slow.at(now.seconds / 2 + place));
      /** So little is left at the end of a leak. */
      const least = 0.022 * total;
      const anon = kilobytes(wanted + now.leaked * (total - fixed - wanted - least));
      const left = total - fixed - anon;
      const reclaimable = kilobytes(Math.min(0.03 * total, 0.15 * left));
      const buffers = kilobytes(Math.min(0.012 * total, 0.05 * left));
      const breath = 1 + 0.3 * noise.quick.at(now.seconds / 4 + place);
      const free = kilobytes(Math.min(slack * breath * total, 0.4 * left));
      const files = left - reclaimable - buffers - free;
      const cache = files + buffers;
      const available = Math.max(
        0,
        free - watermark + cache - Math.min(cache / 2, watermark) + reclaimable - Math.min(reclaimable / 2, watermark),
      );
      const moved = Math.max(4.2 * Math.max(0, now.leaked - 0.85), 0.6 * node.grown('swap-storm', 0.5));
      const swapped = kilobytes(shape.swap * Math.min(1, 0.01 + moved));
      const inactiveAnon = kilobytes(0.7 * anon);
      const inactiveFile = kilobytes(0.6 * cache);
      const activeFile = cache - inactiveFile;
      const activeAnon = anon + shmem - inactiveAnon;
      const filled = node.grown('disk-fill', FILL_GROWS);
      const isFilling = filled > 0 && filled < 1;
      const dirty = kilobytes(3e5 + 4e7 * now.storage + 2e8 * (isFilling ? 1 : 0));
      const hugePages = Math.floor((0.3 * anon) / 2 ** 21) * 2 ** 21;
      const bytes: readonly (readonly [string, number])[] = [
        ['MemTotal', total],
        ['MemFree', free],
        ['MemAvailable', kilobytes(available)],
        ['Buffers', buffers],
        ['Cached', files + shmem],
        ['SwapCached', 0],
        ['Active', activeAnon + activeFile],
        ['Inactive', inactiveAnon + inactiveFile],
        ['Active_anon', activeAnon],
        ['Inactive_anon', inactiveAnon],
        ['Active_file', activeFile],
        ['Inactive_file', inactiveFile],
        ['Unevictable', 0],
        ['Mlocked', 0],
        ['SwapTotal', shape.swap],
        ['SwapFree', shape.swap - swapped],
        ['Zswap', 0],
        ['Zswapped', 0],
        ['Dirty', dirty],
        ['Writeback', 0],
        ['AnonPages', anon],
        ['Mapped', kilobytes(0.25 * files)],
        ['Shmem', shmem],
        ['KReclaimable', reclaimable],
        ['Slab', reclaimable + unreclaimable],
        ['SReclaimable', reclaimable],
        ['SUnreclaim', unreclaimable],
        ['KernelStack', kernelStack],
        ['PageTables', pageTables],
        ['SecPageTables', 0],
        ['NFS_Unstable', 0],
        ['Bounce', 0],
        ['WritebackTmp', 0],
        ['CommitLimit', shape.swap + kilobytes(total / 2)],
        ['Committed_AS', kilobytes(1.6 * anon)],
        ['VmallocTotal', 34_359_738_367 * 1024],
        ['VmallocUsed', kilobytes(4e7 + 4e5 * shape.cpus)],
        ['VmallocChunk', 0],
        ['Percpu', perCpu],
        ['HardwareCorrupted', 0],
        ['AnonHugePages', hugePages],
        ['ShmemHugePages', 0],
        ['ShmemPmdMapped', 0],
        ['FileHugePages', 0],
        ['FilePmdMapped', 0],
        ['Hugepagesize', 2 ** 21],
        ['Hugetlb', 0],
        ['DirectMap4k', kilobytes(0.04 * shape.memory)],
        ['DirectMap2M', kilobytes(0.96 * shape.memory) % GIB],
        ['DirectMap1G', kilobytes(0.96 * shape.memory) - (kilobytes(0.96 * shape.memory) % GIB)],
      ];
      for (const [name, value] of bytes) emit(`node_memory_${name}_bytes`, value);
      emit('node_memory_HugePages_Total', 0);
      emit('node_memory_HugePages_Free', 0);
      emit('node_memory_HugePages_Rsvd', 0);
      emit('node_memory_HugePages_Surp', 0);
    },
  };
}
