/** Prometheus text as figures: what a service says about itself and about nodes. */

type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Figures {
  readonly series: readonly Series[];
  /** All series of a name together; 0 if there is none. */
  sum(name: string): number;
  /** The first series of a name with these labels among its own. */
  of(name: string, labels: Labels): number | undefined;
}

export function figuresOf(text: string): Figures {
  const series: Series[] = [];
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text]);
    series.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return {
    series,
    sum: (name) => series.reduce((sum, each) => (each.name === name ? sum + each.value : sum), 0),
    of: (name, labels) => series.find((each) => each.name === name && within(labels, each.labels))?.value,
  };
}

function within(part: Labels, all: Labels): boolean {
  return Object.entries(part).every(([label, value]) => all[label] === value);
}
