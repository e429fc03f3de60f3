import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseZoneinfo, zoneinfo } from './zoneinfo.ts';

const ZONEINFO = `Node 0, zone      DMA
  per-node stats
      nr_inactive_anon 1639
      workingset_nodes 63849
      nr_dirtied   2006428
      nr_kernel_stack 1488
  pages free     3840
        boost    0
        min      28
        high     42
        spanned  4095
        protection: (0, 3019, 8779)
      nr_free_pages 3840
      numa_hit     0
  pagesets
    cpu: 0
              count:    0
              high:     7
  node_unreclaimable:  0
Node 0, zone   Normal
  pages free     1308484
        min      11066
        protection: (0, 0, 0)
      nr_free_pages 1308484
`;

test('/proc/zoneinfo: zones, the first with what the whole node has', () => {
  const { series, failure } = collected(zoneinfo(), fakeHost({ 'proc/zoneinfo': ZONEINFO }));
  assert.equal(failure, undefined);
  assert.deepEqual(series.sort(), [
    'node_zoneinfo_high_pages{exported_node="0",zone="DMA"} 42',
    'node_zoneinfo_min_pages{exported_node="0",zone="DMA"} 28',
    'node_zoneinfo_min_pages{exported_node="0",zone="Normal"} 11066',
    'node_zoneinfo_nr_dirtied_total{exported_node="0",zone="DMA"} 2006428',
    'node_zoneinfo_nr_free_pages{exported_node="0",zone="DMA"} 3840',
    'node_zoneinfo_nr_free_pages{exported_node="0",zone="Normal"} 1308484',
    'node_zoneinfo_nr_inactive_anon_pages{exported_node="0",zone="DMA"} 1639',
    'node_zoneinfo_nr_kernel_stacks{exported_node="0",zone="DMA"} 1488',
    'node_zoneinfo_numa_hit_total{exported_node="0",zone="DMA"} 0',
    'node_zoneinfo_protection_0{exported_node="0",zone="DMA"} 0',
    'node_zoneinfo_protection_0{exported_node="0",zone="Normal"} 0',
    'node_zoneinfo_protection_1{exported_node="0",zone="DMA"} 3019',
    'node_zoneinfo_protection_1{exported_node="0",zone="Normal"} 0',
    'node_zoneinfo_protection_2{exported_node="0",zone="DMA"} 8779',
    'node_zoneinfo_protection_2{exported_node="0",zone="Normal"} 0',
    'node_zoneinfo_spanned_pages{exported_node="0",zone="DMA"} 4095',
  ]);
});

test('/proc/zoneinfo: what is no number is absent and told, the others stay', () => {
  const text = 'Node 0, zone DMA\n min ?\n low 5\n protection: 0, 1\n';
  const { series, failure } = collected(zoneinfo(), fakeHost({ 'proc/zoneinfo': text }));
  assert.deepEqual(series, ['node_zoneinfo_low_pages{exported_node="0",zone="DMA"} 5']);
  assert.match(failure ?? '', /node_zoneinfo_min_pages.*1 more/);
});

test('/proc/zoneinfo: what cannot be said of which zone it is, is unreadable', () => {
  for (const text of [
    '',
    ' min 5\n',
    'Node ?, zone DMA\n min 5\n',
    'Node 0, zone DMA\nNode 1\n min 5\n',
    'Node 0, zone DMA\n min',
  ]) {
    assert.throws(() => parseZoneinfo(text), { code: 'PARSE' }, JSON.stringify(text));
  }
});
