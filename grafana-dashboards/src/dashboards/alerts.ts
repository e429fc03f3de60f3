/** All alerts: what fires, what was said, and can it be believed? */
import { SEVERITIES } from '../grafana/colors.ts';
import { dashboardOf } from '../grafana/dashboard.ts';
import { clusters, namespaces, nodes, top } from '../grafana/variables.ts';
import * as alerts from '../panels/alerts.ts';
import * as fleet from '../panels/fleet.ts';

export const alertsDashboard = () =>
  dashboardOf({
    name: 'alerts',
    title: 'System monitoring / Alerts',
    description:
      'What fires now, the alert log, counts from the counter and from the log, the longest and the noisiest.',
    from: 'now-6h',
    refresh: '30s',
    variables: [clusters(), nodes(), namespaces(), top()],
    sections: [
      {
        panels: [
          fleet.nodesUp(),
          fleet.nodesSilent(),
          ...SEVERITIES.map(fleet.firingNow),
          fleet.pendingNow(),
          alerts.firingTable(),
          alerts.longest(),
        ],
      },
      { title: 'The log', panels: [alerts.alertStream(), alerts.lineTable()] },
      {
        title: 'Do the counter and the log agree?',
        panels: [alerts.countedByCounter(), alerts.countedByLog(), alerts.reconciliation(), alerts.differenceByAlert()],
      },
      {
        title: 'The longest and the noisiest',
        panels: [
          alerts.noisiestAlerts(),
          alerts.noisiestNodes(),
          alerts.timeToResolve(),
          alerts.timeToResolveByAlert(),
        ],
      },
    ],
  });
