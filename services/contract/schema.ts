/** The event as a JSON Schema (2020-12), made from the catalogue, for those who read or write the topic in another language. */
import { EVENT_VERSION } from './event.ts';
import { METRICS, type MetricDef } from './metrics.ts';

type Schema = Readonly<Record<string, unknown>>;

export function eventSchema(): Schema {
  const rows = Object.entries<MetricDef>(METRICS);
  const literals = rows.filter(([name]) => !name.includes('*'));
  const patterns = rows.filter(([name]) => name.includes('*'));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Event version ${EVENT_VERSION}: what one node measured at one moment`,
    type: 'object',
    required: ['v', 'cluster', 'node', 'epoch', 'seq', 'time', 'interval', 'metrics'],
    properties: {
      v: { const: EVENT_VERSION },
      cluster: { type: 'string', minLength: 1, maxLength: 253, pattern: '^[^/]*$' },
      node: { type: 'string', minLength: 1, maxLength: 253 },
      epoch: { type: 'string', minLength: 1, maxLength: 253, description: 'One run of the producer.' },
      seq: { ...whole(0, Number.MAX_SAFE_INTEGER), description: 'Counts the events of an epoch, without a gap.' },
      time: { ...whole(0, 8.64e15), description: "Milliseconds since the Unix epoch, by the node's clock." },
      interval: { ...whole(1, 86_400_000), description: 'Milliseconds until the next event is due.' },
      pause: {
        ...whole(1, 86_400_000),
        description:
          'In the last event of a producer that was told to end: milliseconds in which the next is not missed.',
      },
      metrics: {
        type: 'object',
        properties: Object.fromEntries(literals.map(([name, row]) => [name, series(row)])),
        patternProperties: Object.fromEntries(patterns.map(([name, row]) => [regexpOf(name, literals), series(row)])),
      },
    },
  };
}

/** What a pattern stands for, but for the names that have a row of their own: JSON Schema would hold them to both. */
function regexpOf(pattern: string, literals: readonly (readonly [name: string, row: MetricDef])[]): string {
  const matches = `${pattern.replace('*', '[a-zA-Z0-9_]+')}$`;
  const others = literals.map(([name]) => name).filter((name) => new RegExp(`^${matches}`).test(name));
  return `^${others.length === 0 ? '' : `(?!(${others.join('|')})$)`}${matches}`;
}

function series({ type, help, labels }: MetricDef): Schema {
  const description = `${help} (${type})`;
  if (labels.length === 0) return { description, type: 'number' };
  return {
    description: `${description} Rows of ${[...labels, 'value'].join(', ')}.`,
    type: 'array',
    items: {
      type: 'array',
      prefixItems: [
        ...labels.map((label) => ({ title: label, type: 'string', maxLength: 4096 })),
        { title: 'value', type: 'number' },
      ],
      minItems: labels.length + 1,
      maxItems: labels.length + 1,
    },
  };
}

function whole(minimum: number, maximum: number): Schema {
  return { type: 'integer', minimum, maximum };
}
