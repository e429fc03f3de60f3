/** All nodes: which is in trouble, and how much is there left? */
import { SEVERITIES } from '../grafana/colors.ts';
import { dashboardOf } from '../grafana/dashboard.ts';
import { clusters, nodes, top } from '../grafana/variables.ts';
import * as fleet from '../panels/fleet.ts';

export const fleetDashboard = () =>
  dashboardOf({
    name: 'fleet',
    title: 'System monitoring / Fleet',
    description: 'All nodes, the worst first: status, CPU, memory, disks, network, waiting, alerts.',
    from: 'now-3h',
    refresh: '1m',
    variables: [clusters(), nodes(), top()],
    sections: [
      {
        panels: [
          fleet.nodesUp(),
          fleet.nodesSilent(),
          ...SEVERITIES.map(fleet.firingNow),
          fleet.pendingNow(),
          fleet.nodeTable(),
          fleet.alertsOverTime(),
        ],
      },
      {
        title: 'Heat of the fleet over time',
        panels: [fleet.heatOfCpu(), fleet.heatOfMemory(), fleet.heatOfPressure()],
      },
      {
        title: 'The middle and the worst',
        panels: [fleet.spreadOfCpu(), fleet.spreadOfMemory(), fleet.spreadOfDisks(), fleet.spreadOfPressure()],
      },
      {
        title: 'Who has most now',
        panels: [fleet.topCpu(), fleet.topMemory(), fleet.topDisk(), fleet.topNetwork()],
      },
    ],
  });
