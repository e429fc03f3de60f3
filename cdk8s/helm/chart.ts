/**
 * A Helm chart as a cdk8s Chart: objects are added to it as to any other, and `files()` is what lies in the chart's
 * folder. An object's file is named after its place in the tree of constructs: `new KubeService(new Construct(chart,
 * 'broker'), 'service', …)` becomes `templates/broker/service.yaml`.
 */
import { ApiObject, App, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { all, type Expression, expressionText } from './expression.ts';
import { manifestOf } from './manifest.ts';
import { templateOf } from './template.ts';
import { valuesSchema, valuesTable, valuesYaml } from './values.ts';

/** What stands in `Chart.yaml`. */
export interface ChartMetadata {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly appVersion: string;
  /** As npm writes ranges: `>=1.30.0-0`. */
  readonly kubeVersion: string;
  readonly icon?: string;
  readonly keywords?: readonly string[];
  readonly home?: string;
  readonly sources?: readonly string[];
  readonly maintainers?: readonly { readonly name: string; readonly email?: string; readonly url?: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface HelmChartOptions {
  readonly metadata: ChartMetadata;
  readonly values: z.ZodObject;
  /** Put on every object, besides its own: tokens, mostly. */
  readonly labels?: Record<string, string>;
  /** Named templates: name → body. */
  readonly helpers?: Readonly<Record<string, string>>;
  /** What `helm install` prints at the end, a Helm template. */
  readonly notes: string;
  /** @param table the values, in Markdown. */
  readonly readme: (table: string) => string;
  /** Sets of values that the chart is tested with: name → what differs from the defaults, with a word about it. */
  readonly ci: Readonly<Record<string, { readonly about: string; readonly values: object }>>;
}

const WRITTEN_BY = 'Written by `make synth`: change its source in cdk8s/ instead.';
const CONDITION = 'helm:condition';

export class HelmChart extends Chart {
  readonly #options: HelmChartOptions;
  readonly #others = new Map<string, string>();

  constructor(options: HelmChartOptions) {
    super(new App(), options.metadata.name, options.labels === undefined ? {} : { labels: options.labels });
    this.#options = options;
  }

  /** Names are given, never made up: a made-up one changes with the construct's place. */
  override generateObjectName(object: ApiObject): string {
    throw new Error(`${object.node.path}: expected metadata.name, found none`);
  }

  /** A file that no object stands for: a template that is written by hand, a dashboard. */
  addFile(path: string, text: string): void {
    this.#others.set(path, text);
  }

  /** A list of whole objects among the values; templates in them are evaluated. */
  addExtraObjects(list: Expression<readonly object[]>): void {
    const text = `{{- range ${expressionText(list)} }}\n---\n{{ tpl (toYaml .) $ }}\n{{- end }}\n`;
    this.addFile('templates/extra-objects.yaml', `{{- /* ${WRITTEN_BY} */ -}}\n${text}`);
  }

  /** Everything in the chart's folder: path → text. */
  files(): Map<string, string> {
    const { metadata, values, helpers, notes, readme, ci } = this.#options;
    const head = `${metadata.description}\n${WRITTEN_BY}`;
    const files = new Map([
      ['Chart.yaml', `# ${WRITTEN_BY}\n${chartYaml(metadata)}`],
      ['values.yaml', valuesYaml(values, head)],
      ['values.schema.json', valuesSchema(values)],
      ['README.md', `<!-- ${WRITTEN_BY} -->\n${readme(valuesTable(values))}`],
      ['.helmignore', '.git/\n.helmignore\nci/\n*.orig\n*.swp\n*.tgz\n'],
      ['templates/NOTES.txt', notes],
      ...this.#others,
    ]);
    if (helpers !== undefined) files.set('templates/_helpers.tpl', helpersTemplate(helpers));
    for (const [name, { about, values }] of Object.entries(ci)) {
      files.set(
        `ci/${name}-values.yaml`,
        `# ${about}\n${stringify(values, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false })}`,
      );
    }
    for (const object of this.node.findAll().filter(ApiObject.isApiObject)) {
      const path = `templates/${object.node.path.slice(this.node.path.length + 1)}.yaml`;
      if (files.has(path)) throw new Error(`${path}: expected one object or file of this name, found two`);
      files.set(path, `{{- /* ${WRITTEN_BY} */ -}}\n${templateOf(manifestOf(object), conditionOf(object))}`);
    }
    for (const [path, text] of files) {
      if (/[\uE000\uE001]/.test(text)) throw new Error(`${path}: expected a text without tokens, found one`);
    }
    return files;
  }
}

/** The objects at or below a construct exist only under the condition. Returns the construct. */
export function onlyWhen<T extends IConstruct>(condition: Expression<unknown>, construct: T): T {
  construct.node.addMetadata(CONDITION, expressionText(condition));
  return construct;
}

function conditionOf(object: ApiObject): string | undefined {
  const conditions = object.node.scopes.flatMap((scope) =>
    scope.node.metadata.filter(({ type }) => type === CONDITION).map(({ data }) => String(data)),
  );
  return conditions.length === 0 ? undefined : all(...conditions);
}

function chartYaml(metadata: ChartMetadata): string {
  return stringify({ apiVersion: 'v2', type: 'application', ...metadata }, { lineWidth: 0, version: '1.1' });
}

function helpersTemplate(helpers: Readonly<Record<string, string>>): string {
  const defined = Object.entries(helpers).map(([name, body]) => `{{- define "${name}" -}}\n${body}\n{{- end }}\n`);
  return `{{- /* ${WRITTEN_BY} */ -}}\n${defined.join('\n')}`;
}
