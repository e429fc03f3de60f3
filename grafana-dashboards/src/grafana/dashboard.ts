/** What all dashboards have in common, and the numbers that make them whole: ids of panels, letters of queries. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { toDashboards, UIDS } from './links.ts';
import { sources } from './variables.ts';

/** Panels under a headline; the first have none. */
export interface Section {
  readonly title?: string;
  readonly panels: readonly Builder<Panel>[];
}

export interface Parts {
  readonly name: keyof typeof UIDS;
  readonly title: string;
  readonly description: string;
  readonly from: string;
  /** How often what is shown is asked for again. */
  readonly refresh: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly annotations?: readonly Builder<AnnotationQuery>[];
  readonly sections: readonly Section[];
}

export function dashboardOf({
  name,
  title,
  description,
  from,
  refresh,
  variables,
  annotations,
  sections,
}: Parts): Dashboard {
  const built = new DashboardBuilder(title)
    .uid(UIDS[name])
    .description(description)
    .tags(['system-monitoring'])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh(refresh)
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .links([...toDashboards(name)])
    .variables([...sources(), ...variables])
    .annotations([...(annotations ?? [])]);
  for (const { title: headline, panels } of sections) {
    if (headline !== undefined) built.withRow(new RowBuilder(headline));
    for (const panel of panels) built.withPanel(panel);
  }
  return shown(numbered(built.build()));
}

/** The SDK's builders put links and annotations into a menu; there they would not be seen. */
function shown(dashboard: Dashboard): Dashboard {
  for (const each of [...(dashboard.links ?? []), ...(dashboard.annotations.list ?? [])]) delete each.placement;
  return dashboard;
}

function numbered(dashboard: Dashboard): Dashboard {
  for (const [index, panel] of (dashboard.panels ?? []).entries()) {
    panel.id = index + 1;
    if (panel.type === 'row') continue;
    for (const [at, target] of ((panel as Panel).targets ?? []).entries()) {
      Object.assign(target, { refId: String.fromCharCode(65 + at) });
    }
  }
  return dashboard;
}
