/** Rule files as commands read them. */
import { readFileSync } from 'node:fs';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { parseRuleFile, type RuleFile } from '../consumer/rules/rule-file.ts';

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

export function loadRules(file: string): LoadedRules {
  const text = readText(file);
  try {
    return { file, ...parseRuleFile(text, file), mistakes: [] };
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'RULES')
      return { file, rules: [], refused: [], written: 0, mistakes: error.message.split('\n') };
    throw error;
  }
}
