import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appliesTo, parseScenarios, SCENARIO_NAMES, scenarioList } from './scenario.ts';

const minutes = (count: number) => count * 60_000;

test('an item has a name, nodes, a start and a length; the last two have defaults', () => {
  const items = 'cpu-spike@node-0003+2m/10m, node-silent@node-00*/90s,reboot@*+0s ,flapping@node-0001';
  assert.deepEqual(
    parseScenarios(items).map(({ name, nodes, start, length }) => [name, nodes, start, length]),
    [
      ['cpu-spike', 'node-0003', minutes(2), minutes(10)],
      ['node-silent', 'node-00*', minutes(1), 90_000],
      ['reboot', '*', 0, minutes(1)],
      ['flapping', 'node-0001', minutes(1), minutes(30)],
    ],
  );
});

for (const [item, expected] of [
  ['cpu-spike', 'after the @ the name of a node, or a part of it and *'],
  ['cpu-spike@', 'after the @ the name of a node, or a part of it and *'],
  ['cpu-spike@a b', 'after the @ the name of a node, or a part of it and *'],
  ['cpu@node-0001', `before the @ one of ${SCENARIO_NAMES.join(', ')}`],
  ['reboot@*+soon', 'after the + a duration from 0s to 720h, such as 500ms, 5s or 1m'],
  ['reboot@*+1m/', 'after the / a duration from 1s to 720h, such as 500ms, 5s or 1m'],
  ['reboot@*+1m/0s', 'after the / a duration from 1s to 720h, such as 500ms, 5s or 1m'],
  ['reboot@*/1m+1m', 'NAME@NODES+START/LENGTH, such as cpu-spike@node-0003+2m/10m'],
  ['', 'before the @ one of'],
] as const) {
  test(`${JSON.stringify(item)} among others is refused by name, with what was expected`, () => {
    const text = `flapping@*, ${item} ,reboot@*`;
    assert.equal(scenarioList.parse(text), undefined);
    const mistake = scenarioList.mistake(text) ?? '';
    assert.ok(mistake.startsWith(`${JSON.stringify(item)}: expected ${expected}`), mistake);
  });
}

test('a star stands for any characters, and nothing else stands for another', () => {
  const [dotted, all, part] = parseScenarios('reboot@a.c,reboot@*,reboot@node-*7');
  assert.ok(dotted && all && part);
  assert.deepEqual([appliesTo(dotted, 'a.c'), appliesTo(dotted, 'abc')], [true, false]);
  assert.ok(appliesTo(all, 'anything'));
  assert.deepEqual(
    ['node-0007', 'node-7', 'node-0071', 'xnode-7'].map((node) => appliesTo(part, node)),
    [true, true, false, false],
  );
});
