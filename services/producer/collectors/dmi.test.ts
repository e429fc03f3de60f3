import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { dmi } from './dmi.ts';

test('DMI: what the firmware tells, and empty what it does not', () => {
  const host = fakeHost({
    'sys/class/dmi/id/sys_vendor': 'Dell Inc.\n',
    'sys/class/dmi/id/product_name': 'PowerEdge R6515  \n',
    'sys/class/dmi/id/chassis_asset_tag': '\n',
    'sys/class/dmi/id/modalias': 'dmi:bvn\n',
  });
  assert.deepEqual(
    collected(
      dmi(() => 0),
      host,
    ),
    {
      series: ['node_dmi_info{product_name="PowerEdge R6515",system_vendor="Dell Inc."} 1'],
      failure: undefined,
    },
  );
});

test('DMI: none on a machine that has none', () => {
  assert.deepEqual(
    collected(
      dmi(() => 0),
      fakeHost({}),
    ),
    { series: [], failure: undefined },
  );
});
