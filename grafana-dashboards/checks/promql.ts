/** What a PromQL query of a dashboard asks for, from its syntax tree: series, the spans they are read over, labels of results. Pure. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly name: string;
  /** Label → operator and value, as in `="$node"`. */
  readonly matchers: ReadonlyMap<string, string>;
  /** `$__rate_interval`, `6h`; nothing where the series is read as it is. */
  readonly span?: string;
  /** The function or the aggregation that takes it. */
  readonly within?: string;
}

export interface PromQL {
  readonly selectors: readonly Selector[];
  /** Labels that results are grouped or matched by. */
  readonly grouped: readonly string[];
  /** Labels that the query itself makes. */
  readonly made: readonly string[];
  /** Where it does not parse. */
  readonly error?: string;
}

/** The parser knows no variables: each span stands for one that nobody writes. */
const SPANS = { $__rate_interval: '61s', $__range: '67s' } as const;

export function parsePromQL(query: string): PromQL {
  let text = query.replaceAll('$top', '10');
  for (const [name, span] of Object.entries(SPANS)) text = text.replaceAll(name, span);
  const of = (node: SyntaxNode | null): string => (node === null ? '' : text.slice(node.from, node.to));
  const selectors: Selector[] = [];
  const grouped: string[] = [];
  const made: string[] = [];
  let error: string | undefined;
  parser.parse(text).iterate({
    enter({ type, node }) {
      if (type.isError) error ??= text.slice(node.from);
      else if (type.name === 'GroupingLabels') grouped.push(...node.getChildren('LabelName').map(of));
      else if (type.name === 'FunctionCall' && of(node.getChild('FunctionIdentifier')) === 'label_replace') {
        made.push(stringsIn(node, of)[0] ?? '');
      } else if (type.name === 'AggregateExpr' && of(node.getChild('AggregateOp')) === 'count_values') {
        made.push(stringsIn(node, of)[0] ?? '');
      } else if (type.name === 'VectorSelector') selectors.push(selectorOf(node, of));
    },
  });
  return { selectors, grouped, made, ...(error !== undefined && { error }) };
}

type Text = (node: SyntaxNode | null) => string;

function selectorOf(node: SyntaxNode, of: Text): Selector {
  const matchers = new Map(
    (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((matcher) => {
      const label = matcher.getChild('LabelName');
      return [of(label), of(matcher).slice(of(label).length)];
    }),
  );
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
  const written = matrix === undefined ? undefined : of(matrix.getChild('DurationExpr'));
  const span = Object.entries(SPANS).find(([, stands]) => stands === written)?.[0] ?? written;
  const within = takenBy(matrix ?? node, of);
  return {
    name: of(node.getChild('Identifier')),
    matchers,
    ...(span !== undefined && { span }),
    ...(within !== undefined && { within }),
  };
}

function takenBy(node: SyntaxNode, of: Text): string | undefined {
  const call = node.parent?.name === 'FunctionCallBody' ? node.parent.parent : undefined;
  if (call?.name === 'FunctionCall') return of(call.getChild('FunctionIdentifier'));
  return call?.name === 'AggregateExpr' ? of(call.getChild('AggregateOp')) : undefined;
}

const stringsIn = (node: SyntaxNode, of: Text): string[] =>
  (node.getChild('FunctionCallBody')?.getChildren('StringLiteral') ?? []).map((each) => of(each).slice(1, -1));
