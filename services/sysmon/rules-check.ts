/** `sysmon rules check`: what this engine makes of rule files, and what promtool says of them. */
import type { Call, Command } from './command.ts';
import { promtoolCheck, type Verdict } from './promtool.ts';
import { JOB_OPTION, jobOf, type LoadedRules, loadRules, readText } from './rule-files.ts';

export const rulesCheck: Command = {
  summary: 'Whether rule files load: what this engine refuses, and what promtool says',
  args: 'FILE',
  details: `What is no rule file, or no PromQL, refuses the whole file. What is right in Prometheus and cannot be judged here (an
expression that spans nodes, a metric that no node has) refuses that rule; the others of the file are judged.

Exit code 0: all rules of all files load; 1: something was refused, here or by promtool; 2: no such file or option.`,
  options: {
    'no-promtool': { type: 'boolean', help: 'do not ask promtool, which is asked where it is on the PATH' },
    job: JOB_OPTION,
    json: { type: 'boolean', help: 'one JSON document' },
  },
  run,
};

interface Checked extends LoadedRules {
  readonly promtool: Verdict | undefined;
}

async function run({ options, args, terminal }: Call): Promise<number> {
  const checked = args.map((file): Checked => {
    const loaded = loadRules(file, jobOf(options));
    return { ...loaded, promtool: options['no-promtool'] === true ? undefined : promtoolCheck(file, readText(file)) };
  });
  if (options.json === true) {
    const files = checked.map(({ rules, ...rest }) => ({ ...rest, rules: rules.map(({ alert }) => alert) }));
    terminal.say(JSON.stringify({ ok: checked.every(loads), files }, undefined, 2));
  } else {
    for (const one of checked) for (const line of linesOf(one)) terminal.say(line);
    if (options['no-promtool'] !== true && checked.every(({ promtool }) => promtool === undefined))
      terminal.say('promtool is not on the PATH: it was not asked');
  }
  return checked.every(loads) ? 0 : 1;
}

function loads({ refused, mistakes, promtool }: Checked): boolean {
  return refused.length === 0 && mistakes.length === 0 && promtool?.ok !== false;
}

function linesOf({ file, rules, written, refused, mistakes, promtool }: Checked): string[] {
  const all = `${written} ${written === 1 ? 'rule' : 'rules'}`;
  const judged = rules.length === written ? all : `${rules.length} of ${all}`;
  const head = mistakes.length > 0 ? 'refused, all of it' : judged;
  const problems = [...mistakes, ...refused].map((line) => `  ${line}`);
  const said = promtool?.says.map((line) => `  promtool: ${line}`) ?? [];
  return [`${file}: ${head}`, ...problems, ...said];
}
