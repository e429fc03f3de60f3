/** A dashboard as its JSON has it, as far as it is checked, and every query in it with its place. Pure. */

export interface Source {
  readonly type?: string;
  readonly uid?: string;
}

export interface Target {
  readonly refId?: string;
  readonly datasource?: Source;
  readonly expr?: string;
  readonly expression?: string;
  readonly instant?: boolean;
  readonly queryType?: string;
  readonly hide?: boolean;
}

export interface Panel {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: Source;
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly options?: { readonly orientation?: string };
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: { readonly renameByName?: Readonly<Record<string, string>> };
  }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly links?: readonly { readonly url?: string }[] };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options?: unknown };
      readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
    }[];
  };
}

export interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label?: string;
  readonly datasource?: Source;
  readonly query?: string | { readonly query: string };
  readonly refresh?: number;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
}

export interface Annotation {
  readonly name: string;
  readonly datasource?: Source;
  readonly expr?: string;
}

export interface Dashboard {
  readonly uid?: string;
  readonly title?: string;
  readonly description?: string;
  readonly editable?: boolean;
  readonly graphTooltip?: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
}

export interface Query {
  readonly language: 'promql' | 'logql';
  readonly text: string;
  /** For messages: `Node / CPU / A`. */
  readonly place: string;
  /** `now` gives a value for each series, `range` one for each step, `names` what a variable offers. */
  readonly kind: 'now' | 'range' | 'names';
}

export function panelsOf(dashboard: Dashboard): readonly Panel[] {
  return dashboard.panels.filter(({ type }) => type !== 'row');
}

export function queriesOf(dashboard: Dashboard): readonly Query[] {
  const { title = '?' } = dashboard;
  const panels = panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).flatMap((target): Query[] => {
      const { expr, refId = '?' } = target;
      if (expr === undefined) return [];
      const kind = target.instant === true || target.queryType === 'instant' ? 'now' : 'range';
      return [{ language: languageOf(target), text: expr, place: `${title} / ${panel.title} / ${refId}`, kind }];
    }),
  );
  const variables = dashboard.templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, query }): Query => {
      const text = typeof query === 'string' ? query : (query?.query ?? '');
      return { language: 'promql', text, place: `${title} / $${name}`, kind: 'names' };
    });
  const annotations = dashboard.annotations.list.map(
    ({ name, datasource = {}, expr = '' }): Query => ({
      language: languageOf({ datasource }),
      text: expr,
      place: `${title} / annotation ${name}`,
      kind: 'range',
    }),
  );
  return [...variables, ...annotations, ...panels];
}

function languageOf({ datasource }: Pick<Target, 'datasource'>): Query['language'] {
  return datasource?.type === 'loki' ? 'logql' : 'promql';
}

/** `label_values(SELECTOR, LABEL)`, which is Grafana's and no PromQL. */
export function labelValues(text: string): { readonly selector: string; readonly label: string } | undefined {
  const [, selector, label] = /^label_values\((.+), *([a-zA-Z_]+)\)$/.exec(text) ?? [];
  return selector === undefined || label === undefined ? undefined : { selector, label };
}

/** As Grafana fills in its variables. @param values without the `$`. */
export function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (found, braced, plain) => values[braced ?? plain] ?? found);
}
