/** One node: what did it do when the alert began? */
import { dashboardOf } from '../grafana/dashboard.ts';
import { cluster, node } from '../grafana/variables.ts';
import * as cpu from '../panels/cpu.ts';
import * as disk from '../panels/disk.ts';
import * as memory from '../panels/memory.ts';
import * as network from '../panels/network.ts';
import * as alerts from '../panels/node-alerts.ts';
import * as processes from '../panels/processes.ts';
import * as temperature from '../panels/temperature.ts';

export const nodeDashboard = () =>
  dashboardOf({
    name: 'node',
    title: 'System monitoring / Node',
    description:
      'One node: its CPUs, memory, disks and network beside its alerts. Marks on every panel are where alerts began to fire; a click on a point leads to the logs around it.',
    from: 'now-1h',
    refresh: '30s',
    variables: [cluster(), node()],
    annotations: alerts.annotations(),
    sections: [
      {
        panels: [
          cpu.cpuOverTime(),
          memory.memoryOverTime(),
          disk.diskOverTime(),
          network.networkOverTime(),
          alerts.alertCount(),
          alerts.alertStream(),
        ],
      },
      {
        title: 'Busy, and does anybody wait?',
        panels: [cpu.cpuPressure(), memory.memoryPressure(), disk.diskPressure()],
      },
      { title: 'CPU', panels: [cpu.cpuByMode(), cpu.cpuByCore()] },
      { title: 'Memory', panels: [memory.memoryBreakdown(), memory.paging()] },
      { title: 'Disks', panels: [disk.diskLatency(), disk.diskSaturation(), disk.diskThroughput(), disk.diskBusy()] },
      { title: 'File systems', panels: [disk.filesystems()] },
      {
        title: 'Network',
        panels: [
          network.networkErrors(),
          network.conntrack(),
          network.tcpRetransmits(),
          network.tcpTrouble(),
          network.sockets(),
        ],
      },
      {
        title: 'Processes',
        panels: [
          cpu.load(),
          processes.runQueue(),
          processes.switches(),
          processes.processStates(),
          processes.openFiles(),
        ],
      },
      { title: 'Temperatures', panels: [temperature.temperatures(), temperature.headroom()] },
    ],
  });
