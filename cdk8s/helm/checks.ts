/**
 * What can be told before anything is installed, and would otherwise show up later as something else: each mistake ends the
 * command with a sentence that says what to do. Texts of templates that render nothing.
 *
 * Without a cluster (`helm template`) Helm does not know which kinds there are. It knows groups then, and no kind at all; so a
 * cluster is there if the kind of pods is known.
 */
import { all, type Expression, expressionText, type Path } from './expression.ts';
import { presenceOf } from './presence.ts';
import { tokenOf } from './tokens.ts';

/** Kinds that something else has to bring into the cluster. */
export interface Definitions {
  readonly apiVersion: string;
  readonly kinds: Readonly<Record<string, Need>>;
  /** Goes on where "This cluster does not know <kinds> (<apiVersion>): " ends. */
  readonly advice: string;
}

export interface Need {
  /** Whether the chart, or what it relies on, has such an object; always, if nothing is said. */
  readonly when?: Expression<unknown>;
  /** Flags for Helm that do without. They stand below the advice. */
  readonly without?: string;
}

export function failWithout({ apiVersion, kinds, advice }: Definitions): string {
  const each = Object.entries(kinds).map(([kind, { when, without }]) => {
    const unknown = `not (.Capabilities.APIVersions.Has "${apiVersion}/${kind}")`;
    const doWithout = without === undefined ? '' : `\n{{- $without = append $without ${JSON.stringify(without)} }}`;
    return `{{- if ${when === undefined ? unknown : all(when, unknown)} }}
{{- $missing = append $missing "${kind}" }}${doWithout}
{{- end }}
`;
  });
  const hasFlags = Object.values(kinds).some(({ without }) => without !== undefined);
  const sentence = `\n\nThis cluster does not know %s (${apiVersion}): ${advice}\n${hasFlags ? '  %s\n' : ''}`;
  const flags = hasFlags ? ' (join " " $without)' : '';
  return `{{- if .Capabilities.APIVersions.Has "v1/Pod" }}
{{- $missing := list }}
{{- $without := list }}
${each.join('')}{{- if $missing }}
{{- fail (printf ${JSON.stringify(sentence)} (join ", " $missing)${flags}) }}
{{- end }}
{{- end }}
`;
}

/** @param say what is wrong, and what to do. */
export function failWhen(condition: Expression<unknown>, say: string): string {
  return `{{- if ${expressionText(condition)} }}
{{- fail ${JSON.stringify(`\n\n${say}\n`)} }}
{{- end }}
`;
}

/** A container's environment as cdk8s takes it. What stands for several variables is a token, and no object. */
type Environment = readonly { readonly name: string; readonly value?: string }[];

/**
 * Refuses a variable among those that people add if the container has it anyway: it would have it twice.
 *
 * @param instead the value to set, for variables that are not made of one value alone
 */
export function failIfRepeated(
  more: Path<readonly object[]>,
  environment: Environment,
  instead: Readonly<Record<string, string>> = {},
): string {
  const variables = environment.filter((each) => typeof each === 'object');
  const lines = variables.map((variable) => {
    const { name, value } = variable;
    const made = /^\.Values\.([\w.]+)$/.exec(expressionOf(value))?.[1] ?? instead[name];
    const advice = made === undefined ? 'leave it out' : `set ${made} instead`;
    const line = `{{- $_ := set $own ${JSON.stringify(name)} ${JSON.stringify(advice)} }}\n`;
    const condition = presenceOf(variable);
    return condition === undefined ? line : `{{- if ${condition} }}\n${line}{{- end }}\n`;
  });
  const path = expressionText(more);
  const sentence = `\n\n${path.replace('.Values.', '')} has %s, which the chart sets itself: %s.\n`;
  return `{{- $own := dict }}
${lines.join('')}{{- range ${path} }}
{{- if hasKey $own .name }}
{{- fail (printf ${JSON.stringify(sentence)} .name (get $own .name)) }}
{{- end }}
{{- end }}
`;
}

function expressionOf(value: unknown): string {
  const token = tokenOf(value);
  return token === undefined || token.form === 'when' ? '' : token.expression;
}

/** The Prometheus operator's kinds, each of which a switch of its own turns off: kind → the switch. */
export function failWithoutPrometheus(switches: Readonly<Record<string, Expression<boolean>>>): string {
  const needs = Object.entries(switches).map(([kind, enabled]) => {
    const value = expressionText(enabled).replace('.Values.', '');
    return [kind, { when: enabled, without: `--set ${value}=false` }] as const;
  });
  return failWithout({
    apiVersion: 'monitoring.coreos.com/v1',
    kinds: Object.fromEntries(needs),
    advice:
      'the Prometheus operator is not installed.\nInstall it first (kube-prometheus-stack has it), or do without:',
  });
}
