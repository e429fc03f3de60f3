/** The dashboards as they are committed: file name → JSON. The same sources are the same text. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertsDashboard } from './dashboards/alerts.ts';
import { fleetDashboard } from './dashboards/fleet.ts';
import { nodeDashboard } from './dashboards/node.ts';
import { pipelineDashboard } from './dashboards/pipeline.ts';

export const DASHBOARDS: Readonly<Record<'fleet' | 'node' | 'alerts' | 'pipeline', () => Dashboard>> = {
  fleet: fleetDashboard,
  node: nodeDashboard,
  alerts: alertsDashboard,
  pipeline: pipelineDashboard,
};

export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(DASHBOARDS).map(([name, make]) => [`${name}.json`, `${JSON.stringify(make(), null, 2)}\n`]),
  );
}
