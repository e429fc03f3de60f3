/** docs/API.md, from the shapes that the consumer answers with. */
import {
  ALERT_HELP,
  ALERTS_HELP,
  FLEET_COLUMNS,
  HELLO_HELP,
  NODE_COLUMNS,
  NODE_HELP,
  NODES_HELP,
  RULE_HELP,
  RULES_HELP,
  SERIES_HELP,
  TICK_HELP,
  TRANSITION_HELP,
} from '../services/consumer/api/shapes.ts';

export function apiPage(): string {
  return `# The consumer's API

What the live page at \`/\` shows, as JSON: \`GET\` and \`HEAD\` alone, nothing can be changed by it. Units are in the names, times are
milliseconds since the Unix epoch, and what is not known is absent, never 0. A value that JSON does not have is a text: \`"Infinity"\`,
\`"-Infinity"\`, \`"NaN"\`.

**Each replica knows its own nodes alone.** Where several share the partitions, ask each. While it is not certain which nodes are a
replica's, it answers 503. A mistake in a request is 400, a node that the replica does not know 404; each with \`{"error": "…"}\`.

Like \`/metrics\` it asks nobody who they are: who may reach the port is for the network to say (the chart has a NetworkPolicy).

## \`/api/nodes\`

${table(NODES_HELP)}

Each node:

${table(NODE_HELP)}

## \`/api/series\`

The short past of a node, or of all: as far back as \`PAGE_HISTORY_BYTES\` allows.

| parameter | what |
| --- | --- |
| \`cluster\`, \`node\` | One node; neither: all together. |
| \`since\` | Points later than that, milliseconds since the Unix epoch; unless given, an hour ago. |
| \`metric\` | May be given again; unless given, all. |

${table(SERIES_HELP)}

Of a node:

${table(NODE_COLUMNS)}

Of all nodes ("High" is what a tenth of the nodes exceed), every five seconds:

${table(FLEET_COLUMNS)}

## \`/api/alerts\`

Parameters \`cluster\`, \`node\`, \`severity\` and \`state\` leave out what is otherwise.

${table(ALERTS_HELP)}

An active alert:

${table(ALERT_HELP)}

What has changed is told by the same, with:

${table(besides(TRANSITION_HELP, ALERT_HELP))}

## \`/api/rules\`

${table(RULES_HELP)}

Each rule:

${table(RULE_HELP)}

## \`/api/stream\`

[Server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html), for \`EventSource\` or \`curl -N\`. Whoever comes again
with \`Last-Event-ID\` is told the transitions that were missed, as long as they are kept (the last thousand).

| event | when |
| --- | --- |
| \`hello\` | first |
| \`nodes\` | then: all nodes |
| \`tick\` | once a second, if a node has changed (less often beyond 2,000 nodes); without news every ten seconds |
| \`transition\` | an alert has changed, as in \`/api/alerts\`; has an id |
| \`reset\` | more alerts have changed at once than are kept: ask \`/api/alerts\` |

\`hello\`:

${table(HELLO_HELP)}

\`nodes\` and \`tick\`:

${table(TICK_HELP)}
`;
}

function table(help: Readonly<Record<string, string>>): string {
  const rows = Object.entries(help).map(([name, what]) => `| \`${name}\` | ${what} |`);
  return ['| field | what |', '| --- | --- |', ...rows].join('\n');
}

function besides(all: Readonly<Record<string, string>>, known: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in known)));
}
