/**
 * The files that rules come from, read again when they change. Their content is compared, not their times: what a cluster mounts
 * changes behind a link. A file with a mistake changes nothing: the rules that were loaded before go on.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { DEFAULT_JOB } from './rules/promql/selector.ts';
import { type Rule, ruleIdOf } from './rules/rule.ts';
import { parseRuleFile, type RuleFile } from './rules/rule-file.ts';
import { DEFAULT_RULES } from './settings.ts';

export class RuleFiles {
  readonly #paths: readonly string[];
  readonly #job: string;
  #seen: string | undefined;

  /** @param paths of files, or of directories whose `.yaml` and `.yml` files count; `default` stands for the rules that come along. */
  constructor(paths: readonly string[], job = DEFAULT_JOB) {
    this.#paths = paths.map((path) => (path === 'default' ? DEFAULT_RULES : path));
    this.#job = job;
  }

  /**
   * The rules of all files, each rule once; `undefined` if nothing has changed since the last time.
   * @param again although nothing has changed.
   * @throws PipelineError `CONFIG` if a file cannot be read, `RULES` that lists every mistake in all of them, one a line.
   */
  load(again = false): RuleFile | undefined {
    const files = this.#paths.flatMap((path) => this.#read(path));
    const content = JSON.stringify(files);
    if (content === this.#seen && !again) return undefined;
    this.#seen = content;
    const mistakes: string[] = [];
    const rules = new Map<string, Rule>();
    const refused: string[] = [];
    let written = 0;
    for (const { path, text } of files) {
      try {
        const file = parseRuleFile(text, path, this.#job);
        refused.push(...file.refused);
        written += file.written;
        for (const rule of file.rules) {
          const id = ruleIdOf(rule);
          const other = rules.get(id);
          if (other === undefined) rules.set(id, rule);
          else
            refused.push(
              `${path}: ${rule.alert} in ${rule.group}: the same rule stands in ${other.file}: it is judged once`,
            );
        }
      } catch (error) {
        if (!(error instanceof PipelineError)) throw error;
        mistakes.push(error.message);
      }
    }
    if (mistakes.length > 0) throw new PipelineError('RULES', mistakes.join('\n'));
    return { rules: [...rules.values()], refused, written };
  }

  #read(path: string): readonly { readonly path: string; readonly text: string }[] {
    try {
      const files = statSync(path).isDirectory()
        ? readdirSync(path)
            .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
            .sort()
            .map((name) => join(path, name))
        : [path];
      return files.map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));
    } catch (cause) {
      this.#seen = undefined;
      throw new PipelineError('CONFIG', `RULES=${path}: ${messageOf(cause)}; expected a file that can be read`, {
        cause,
      });
    }
  }
}
