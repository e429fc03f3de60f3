/**
 * Configuration from the environment, by one table per service. The same table validates it at start, prints `--help` and
 * writes docs/CONFIG.md, so the three cannot differ. All problems are reported at once, each with the variable, its value
 * and what was expected, because nobody wants to restart a pod once per typing mistake.
 */
import { PipelineError } from './errors.ts';

export interface Setting<T> {
  readonly help: string;
  /** What a valid value looks like, to end the sentence "expected …". */
  readonly expected: string;
  /** The value, or `undefined` if the text is not one. */
  readonly parse: (text: string) => T | undefined;
  /** What is wrong with a text that is no value, where a long one needs a closer look: names the place and what was expected. */
  readonly mistake?: (text: string) => string | undefined;
  /** Used when the variable is unset or empty, as written in the environment. */
  readonly default?: string;
  /** What an unset variable without default means; without it such a variable is required. */
  readonly unset?: string;
  /** The value that `unset` speaks of, as written in the environment, where this machine has to be asked for it. */
  readonly fallback?: () => string;
  /** Other variables, without which this one means nothing. */
  readonly needs?: readonly string[];
  /** Never shown. */
  readonly secret?: boolean;
}

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

type ValueOf<S> = S extends { readonly parse: (text: string) => infer T }
  ? S extends { readonly unset: string; readonly fallback?: never }
    ? T
    : Exclude<T, undefined>
  : never;
export type Config<Table extends SettingsTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws PipelineError `CONFIG` that lists every problem. */
export function loadConfig<Table extends SettingsTable>(table: Table, env: Environment): Config<Table> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(table)) {
    const text = env[name] || (setting.default ?? setting.fallback?.());
    if (text === undefined) {
      if (setting.unset === undefined) problems.push(`${name} is not set: expected ${setting.expected}`);
      continue;
    }
    const value = setting.parse(text);
    const shown = setting.secret === true ? '(secret)' : JSON.stringify(text);
    if (value === undefined) {
      problems.push(`${name}=${shown}: ${setting.mistake?.(text) ?? `expected ${setting.expected}`}`);
    }
    values[name] = value;
    const missing = env[name] ? (setting.needs ?? []).filter((other) => !env[other]) : [];
    if (missing.length > 0) problems.push(`${name} is set: expected ${missing.join(' and ')} to be set, too`);
  }
  if (problems.length > 0) throw new PipelineError('CONFIG', problems.join('\n'));
  return values as Config<Table>;
}

/** The table as text for a terminal. */
export function helpText(usage: string, table: SettingsTable): string {
  const lines = Object.entries(table).flatMap(([name, setting]) => [
    `  ${name}${fallback(setting)}`,
    `      ${setting.help}`,
    `      Expected: ${setting.expected}.`,
  ]);
  return `${usage}\n\nEnvironment:\n\n${lines.join('\n')}\n`;
}

/** The table as Markdown. */
export function markdownTable(table: SettingsTable): string {
  const rows = Object.entries(table).map(([name, setting]) => {
    const unset = setting.default === undefined ? (setting.unset ?? '**required**') : `\`${setting.default}\``;
    return `| \`${name}\` | ${setting.help} | ${setting.expected} | ${unset} |`;
  });
  return ['| variable | what | expected | default |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function fallback(setting: Setting<unknown>): string {
  if (setting.default !== undefined) return ` (default ${setting.default})`;
  return setting.unset === undefined ? ' (required)' : ` (unset: ${setting.unset})`;
}
