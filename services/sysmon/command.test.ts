import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineError } from '#runtime/errors.ts';
import { type Command, runCommand } from './command.ts';

const fruit: Command = {
  summary: 'Counts fruit',
  args: 'FRUIT',
  details: 'Details.',
  options: {
    ripe: { type: 'boolean', help: 'only what is ripe' },
    since: { type: 'string', value: 'DURATION', help: 'how old' },
    kind: { type: 'string', value: 'KIND', multiple: true, help: 'only those' },
  },
  async run({ options, args, terminal }) {
    terminal.say(JSON.stringify({ options, args }));
    if (args[0] === 'stone') throw new PipelineError('CONFIG', 'a stone is no fruit');
    if (args[0] === 'mould') throw new Error('it is mouldy');
    return 0;
  },
};
const now: Command = {
  summary: 'What is now',
  details: 'Details.',
  options: {},
  async run({ terminal }) {
    terminal.say('now');
    return 0;
  },
};

async function run(...argv: readonly string[]) {
  const [said, complained]: [string[], string[]] = [[], []];
  const code = await runCommand({ 'fruit count': fruit, now }, argv, {
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
  });
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}

test('a command of one word or two gets its options and arguments', async () => {
  assert.deepEqual(await run('now'), { code: 0, said: 'now', complained: '' });
  const { said } = await run('fruit', 'count', '--ripe', 'apple', '--since', '6h', 'pear');
  assert.deepEqual(JSON.parse(said), { options: { ripe: true, since: '6h' }, args: ['apple', 'pear'] });
});

test('what may be given again is the same as with commas between', async () => {
  for (const kinds of [['--kind', 'a,b', '--kind', 'c'], ['--kind=a,b,c']]) {
    const { said } = await run('fruit', 'count', ...kinds, 'apple');
    assert.deepEqual(JSON.parse(said).options, { kind: 'a,b,c' });
  }
});

test('help is of all commands, of a group of them, or of one', async () => {
  for (const argv of [[], ['--help'], ['-h']]) {
    const { code, said } = await run(...argv);
    assert.equal(code, 0);
    assert.match(said, /fruit count +Counts fruit\n {2}now +What is now$/);
  }
  for (const argv of [['fruit'], ['fruit', '--help']]) {
    const { code, said } = await run(...argv);
    assert.equal(code, 0);
    assert.match(said, /fruit count/);
    assert.doesNotMatch(said, /now/);
  }
  const { code, said } = await run('fruit', 'count', '--help');
  assert.equal(code, 0);
  assert.match(said, /^Usage: npm run sysmon -- fruit count \[OPTIONS\] FRUIT…\n/);
  assert.match(
    said,
    /--ripe +only what is ripe\n {2}--since DURATION +how old\n {2}--kind KIND +only those\n {2}--help/,
  );
});

test('what makes no sense is said in one line, with exit code 2', async () => {
  for (const [argv, complained] of [
    [['vegetable'], /^sysmon: there is no command "vegetable"; there are fruit count, now$/],
    [['fruit', 'eat'], /^sysmon: there is no command "fruit eat"; there are fruit count$/],
    [['fruit', 'count'], /^sysmon: fruit count: expected FRUIT: npm run sysmon -- fruit count/],
    [
      ['fruit', 'count', '--raw', 'x'],
      /^sysmon: fruit count: Unknown option '--raw'; npm run sysmon -- fruit count --help/,
    ],
    [['fruit', 'count', '--since'], /^sysmon: fruit count: Option '--since <value>' argument missing; /],
    [['now', 'x'], /^sysmon: now: Unexpected argument 'x'/],
    [['fruit', 'count', 'stone'], /^sysmon: a stone is no fruit$/],
  ] as const) {
    const outcome = await run(...argv);
    assert.equal(outcome.code, 2, argv.join(' '));
    assert.match(outcome.complained, complained);
  }
});

test('what fails is said in one line, with exit code 1', async () => {
  const { code, complained } = await run('fruit', 'count', 'mould');
  assert.deepEqual([code, complained], [1, 'sysmon: it is mouldy']);
});
