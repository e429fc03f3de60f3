/** What a LogQL query of a dashboard asks for: labels of streams, and the spans that numbers are taken over. Pure. */
import { parser } from '@grafana/lezer-logql';

export interface LogQL {
  /** Labels that streams are chosen by. */
  readonly streams: readonly string[];
  /** Labels that lines are filtered by, as Loki keeps them or as an earlier stage made them. */
  readonly filters: readonly string[];
  /** Labels that numbers are grouped by. */
  readonly grouped: readonly string[];
  /** Labels that the query itself makes of a line. */
  readonly made: readonly string[];
  readonly spans: readonly string[];
  /** Where it does not parse. */
  readonly error?: string;
}

const SPANS = { $__auto: '61s', $__range: '67s' } as const;

export function parseLogQL(query: string): LogQL {
  let text = query.replaceAll('$top', '10');
  for (const [name, span] of Object.entries(SPANS)) text = text.replaceAll(name, span);
  const found = { streams: [], filters: [], grouped: [], made: [], spans: [] } as Record<string, string[]>;
  let error: string | undefined;
  parser.parse(text).iterate({
    enter({ type, node }) {
      if (type.isError) error ??= text.slice(node.from);
      const label = node.getChild('Identifier');
      const name = label === null ? '' : text.slice(label.from, label.to);
      const above = node.parent?.name;
      if (type.name === 'Matcher') found[above === 'LabelFilter' ? 'filters' : 'streams']?.push(name);
      else if (type.name === 'Labels') found.grouped?.push(...identifiersOf(text.slice(node.from, node.to)));
      else if (type.name === 'LabelExtractionExpression' || type.name === 'LabelFormatMatcher') found.made?.push(name);
      else if (type.name === 'Duration' && above === 'Range') {
        const written = text.slice(node.from, node.to);
        found.spans?.push(Object.entries(SPANS).find(([, stands]) => stands === written)?.[0] ?? written);
      }
    },
  });
  const { streams = [], filters = [], grouped = [], made = [], spans = [] } = found;
  return { streams, filters, grouped, made, spans, ...(error !== undefined && { error }) };
}

const identifiersOf = (text: string): string[] => text.match(/\w+/g) ?? [];
