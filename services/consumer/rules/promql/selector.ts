/**
 * A selector: a metric of the catalogue and matchers on its labels. A name that no node publishes, or a label that its
 * metric does not have, would make a rule that never fires and never says so; both are refused when the rule is loaded.
 */
import type { SyntaxNode } from '@lezer/common';
import { METRICS, type Metric, metricOf } from '#contract/metrics.ts';
import { didYouMean } from '../nearest.ts';
import { isNodeLabel, type Matcher, type MatchOperator, NODE_LABELS, type Selector } from './ast.ts';
import { unquote } from './literals.ts';
import type { Reading } from './reading.ts';
import { translateRegexp } from './regexp.ts';

/** What every rule sees as `job`: node_exporter's usual one, so that people's rules fit. */
export const DEFAULT_JOB = 'node-exporter';

/** A selector, or `undefined` and why not. */
export function readSelector(node: SyntaxNode, reading: Reading, offsetMs = 0): Selector | undefined {
  const named = node.getChild('Identifier');
  const written: WrittenMatcher[] = [];
  const names: { readonly node: SyntaxNode; readonly text: string }[] = [];
  if (named !== null) names.push({ node: named, text: reading.textOf(named) });
  for (const child of node.getChild('LabelMatchers')?.getChildren('QuotedLabelName') ?? []) {
    const text = readString(child, reading);
    if (text === undefined) return undefined;
    names.push({ node: child, text });
  }
  for (const kind of ['UnquotedLabelMatcher', 'QuotedLabelMatcher']) {
    for (const child of node.getChild('LabelMatchers')?.getChildren(kind) ?? []) {
      const matcher = readWritten(child, reading);
      if (matcher === undefined) return undefined;
      if (matcher.label !== '__name__') written.push(matcher);
      else if (matcher.operator === '=') names.push({ node: child, text: matcher.value });
      else
        return reading.unsupported(child, 'this engine reads one metric per selector: write its name, or __name__="…"');
    }
  }
  const [name, second] = names;
  if (name === undefined) return reading.unsupported(node, 'a selector needs the name of a metric: write node_…{…}');
  if (second !== undefined) return reading.refuse(second.node, 'this selector already has the name of its metric');
  const metric = metricOf(name.text);
  if (metric === undefined) return reading.unsupported(name.node, unknownMetric(name.text));
  const matchers = written.map((matcher) => compile(matcher, metric, reading));
  if (!matchers.every((matcher) => matcher !== undefined)) return undefined;
  return {
    kind: 'selector',
    metric,
    matchers: matchers.filter(({ label }) => !isNodeLabel(label)),
    nodeMatchers: matchers.filter(({ label }) => isNodeLabel(label)),
    offsetMs,
  };
}

interface WrittenMatcher {
  readonly node: SyntaxNode;
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

function readWritten(node: SyntaxNode, reading: Reading): WrittenMatcher | undefined {
  const [label, operator, value] = [node.firstChild, node.getChild('MatchOp'), node.getChild('StringLiteral')];
  if (label === null || operator === null || value === null) return reading.refuse(node, 'expected label="value"');
  const name = label.name === 'LabelName' ? reading.textOf(label) : readString(label, reading);
  const text = readString(value, reading);
  if (name === undefined || text === undefined) return undefined;
  return { node, label: name, operator: reading.textOf(operator) as MatchOperator, value: text };
}

export function readString(node: SyntaxNode, reading: Reading): string | undefined {
  const string = unquote(reading.textOf(node));
  return 'problem' in string ? reading.refuse(node, string.problem) : string.value;
}

function compile(
  { node, label, operator, value }: WrittenMatcher,
  metric: Metric,
  reading: Reading,
): Matcher | undefined {
  if (!isNodeLabel(label) && !metric.labels.includes(label)) {
    const known = [...metric.labels, ...NODE_LABELS];
    const message = `${metric.name} has no label "${label}", only ${known.join(', ')}`;
    return reading.unsupported(node, `${message}${didYouMean(label, known)}`);
  }
  const matches = matchFunction(operator, value);
  if (typeof matches !== 'function') {
    const message = `${label}${operator}"…", character ${matches.at + 1} of the pattern: ${matches.message}`;
    return matches.unsupported ? reading.unsupported(node, message) : reading.refuse(node, message);
  }
  if (label === 'job' && !matches(reading.job)) {
    return reading.unsupported(
      node,
      `job is always "${reading.job}" here, so this never matches: leave it out, or have JOB_LABEL say what it is in your rules`,
    );
  }
  return { label, operator, value, matches };
}

function matchFunction(operator: MatchOperator, value: string) {
  if (operator === '=') return (text: string) => text === value;
  if (operator === '!=') return (text: string) => text !== value;
  const translated = translateRegexp(value);
  if ('problem' in translated) return translated.problem;
  const { regexp } = translated;
  return operator === '=~' ? (text: string) => regexp.test(text) : (text: string) => !regexp.test(text);
}

function unknownMetric(name: string): string {
  const literal = Object.keys(METRICS).filter((key) => !key.includes('*'));
  return `no node publishes "${name}": expected a metric of the catalogue, docs/METRICS.md${didYouMean(name, literal)}`;
}
