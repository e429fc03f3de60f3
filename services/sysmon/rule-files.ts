/** Rule files as commands read them. */
import { readFileSync } from 'node:fs';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { DEFAULT_JOB } from '../consumer/rules/promql/selector.ts';
import { parseRuleFile, type RuleFile } from '../consumer/rules/rule-file.ts';
import type { Call } from './command.ts';

export const JOB_OPTION = {
  type: 'string',
  value: 'NAME',
  help: `what every series has as \`job\`, as JOB_LABEL says it to the consumer; ${DEFAULT_JOB} unless told`,
} as const;

export function jobOf(options: Call['options']): string | undefined {
  return typeof options.job === 'string' ? options.job : undefined;
}

export interface LoadedRules extends RuleFile {
  readonly file: string;
  /** Why the file cannot be used at all, as `file:line:column: …`; none if it can. */
  readonly mistakes: readonly string[];
}

/** @throws PipelineError `CONFIG` if there is no such file. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PipelineError('CONFIG', `${file}: ${messageOf(error).split(',')[0]}`, { cause: error });
  }
}

export function loadRules(file: string, job?: string): LoadedRules {
  const text = readText(file);
  try {
    return { file, ...parseRuleFile(text, file, job), mistakes: [] };
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'RULES')
      return { file, rules: [], refused: [], written: 0, mistakes: error.message.split('\n') };
    throw error;
  }
}
