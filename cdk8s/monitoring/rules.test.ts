import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pipelineRules } from './rules.ts';

const rules = pipelineRules({ consumers: 'job="c"', producers: 'job="p"' }).flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

// promtool runs the cases on what the chart renders: e2e/charts/rules.test.ts.
test('each alert about the pipeline has a case in which it speaks', () => {
  const cases = readFileSync(join(import.meta.dirname, 'rules.test.yaml'), 'utf8');
  const speaks = (alert: string | undefined) =>
    new RegExp(`alertname="${alert}"|alertname: ${alert}\\n\\s+exp_alerts:\\n`).test(cases);
  assert.deepEqual(
    alerts.filter(({ alert }) => !speaks(alert)).map(({ alert }) => alert),
    [],
  );
});

test('each alert about the pipeline says how bad it is, what is wrong and what to do', () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels?.severity ?? '', /^(critical|warning|info)$/, alert);
    assert.ok(annotations?.summary && annotations.description, alert);
  }
});
