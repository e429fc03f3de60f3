import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pipelineRules } from '../cdk8s/monitoring/rules.ts';
import { DEFAULT_RULES } from '../services/consumer/settings.ts';
import { alertNames } from './alert-pages.ts';

const directory = new URL('alerts/', import.meta.url);
const pages = readdirSync(directory).filter((name) => name !== 'README.md');
const names = alertNames(
  readFileSync(DEFAULT_RULES, 'utf8'),
  pipelineRules({ consumers: 'job="c"', producers: 'job="p"' }),
);

test('each alert has a page, and each page an alert', () => {
  assert.deepEqual(pages.toSorted(), names.map((name) => `${name}.md`).toSorted());
});

test('each page says what the alert means, what it costs, what to look at and what to do', () => {
  for (const page of pages) {
    const text = readFileSync(new URL(page, directory), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
    assert.deepEqual(
      [...text.matchAll(/^#+ .*$/gm)].map(([heading]) => heading),
      [`# ${page.replace('.md', '')}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation'],
    );
  }
});

test('no page leads to one that does not exist', () => {
  for (const page of [...pages, 'README.md']) {
    const text = readFileSync(new URL(page, directory), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((\w+\.md)\)/g))
      assert.ok(pages.includes(target), `${page}: ${target}`);
  }
});
