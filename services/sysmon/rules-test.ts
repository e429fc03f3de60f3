/** `sysmon rules test`: unit tests of rules in promtool's format, judged by this engine. */
import { globSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { PipelineError } from '#runtime/errors.ts';
import { type Outcome, runTests } from '../consumer/rules/unit-test/run.ts';
import { parseTestFile } from '../consumer/rules/unit-test/test-file.ts';
import type { Call, Command } from './command.ts';
import { JOB_OPTION, jobOf, loadRules, readText } from './rule-files.ts';

export const rulesTest: Command = {
  summary: "Unit tests of rules, in promtool's format, on this engine",
  args: 'FILE',
  details: `The format is that of "promtool test rules", so one file is run by both. Rules are judged at each event here, and an
event says all that a node knows: interval and evaluation_interval are the same, a series belongs to a node (labels
node, instance and job), and one that ends or pauses is "stale" there.

Exit code 0: every test passed; 1: one failed, or a file has a mistake; 2: no such file or option.`,
  options: { job: JOB_OPTION, json: { type: 'boolean', help: 'one JSON document' } },
  run,
};

interface Tested {
  readonly file: string;
  /** Mistakes, of the file or of its rule files. */
  readonly problems: readonly string[];
  /** Rules that this engine cannot judge. */
  readonly refused: readonly string[];
  readonly outcomes: readonly Outcome[];
}

async function run({ options, args, terminal }: Call): Promise<number> {
  const tested = args.map((file) => testFile(file, jobOf(options)));
  const ok = tested.every(passed);
  if (options.json === true) {
    terminal.say(JSON.stringify({ ok, files: tested }, undefined, 2));
    return ok ? 0 : 1;
  }
  for (const one of tested) {
    terminal.say(`Unit Testing:  ${one.file}`);
    for (const line of linesOf(one)) terminal.say(`  ${line}`);
    terminal.say('');
  }
  return ok ? 0 : 1;
}

function testFile(file: string, job: string | undefined): Tested {
  try {
    const tests = parseTestFile(readText(file), file, job);
    const loaded = tests.ruleFiles.flatMap((pattern) => filesOf(pattern, file)).map((name) => loadRules(name, job));
    const problems = loaded.flatMap(({ mistakes }) => mistakes);
    const refused = loaded.flatMap((rules) => rules.refused);
    const rules = loaded.flatMap((each) => each.rules);
    return { file, problems, refused, outcomes: problems.length > 0 ? [] : runTests(tests, rules) };
  } catch (error) {
    if (!(error instanceof PipelineError && error.code === 'RULES')) throw error;
    return { file, problems: error.message.split('\n'), refused: [], outcomes: [] };
  }
}

/** Rule files are named from the test file, and may be named by a pattern. */
function filesOf(pattern: string, testFile: string): string[] {
  const path = isAbsolute(pattern) ? pattern : join(dirname(testFile), pattern);
  const files = globSync(path).sort();
  if (files.length === 0) throw new PipelineError('CONFIG', `${testFile}: rule_files: no file matches ${pattern}`);
  return files;
}

function passed({ problems, outcomes }: Tested): boolean {
  return problems.length === 0 && outcomes.every((outcome) => outcome.passed);
}

function linesOf(tested: Tested): string[] {
  const { file, problems, refused, outcomes } = tested;
  const failed = outcomes.filter((outcome) => !outcome.passed);
  const notes = refused.map((line) => `not judged: ${line}`);
  const checks = outcomes.length === 1 ? 'check' : 'checks';
  if (passed(tested)) return [`SUCCESS: ${outcomes.length} ${checks}`, ...notes];
  return [
    failed.length > 0 ? `FAILED: ${failed.length} of ${outcomes.length} ${checks}` : 'FAILED:',
    ...problems.map((line) => `  ${line}`),
    ...failed.flatMap((outcome) => [
      `  ${file}:${outcome.place}: name: ${outcome.name}, ${outcome.asked},`,
      ...shown('exp', outcome.expected),
      ...shown('got', outcome.actual),
    ]),
    ...notes,
  ];
}

function shown(what: string, lines: readonly string[]): string[] {
  if (lines.length <= 1) return [`      ${what}: ${lines[0] ?? 'nothing'}`];
  return [`      ${what}:`, ...lines.map((line) => `        ${line}`)];
}
