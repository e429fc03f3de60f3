/**
 * What replicas show of nodes on `/metrics` while members come and go: each is asked every 100 ms, and a judge says from the
 * answers alone whether a node was shown by two at once, for how long by none, and whether an older event of it was shown
 * after a newer one.
 *
 * An answer is true as of some moment between the question and its last byte. So two answers contradict each other only if
 * the one lies wholly between two answers of another replica, or wholly after it.
 */
import { setTimeout } from 'node:timers/promises';
import { textOf } from '../programs.ts';
import type { Service } from './rig.ts';

export interface Answer {
  readonly replica: string;
  /** By one clock, milliseconds. */
  readonly start: number;
  readonly end: number;
  /** The nodes that are shown, each with the time of its event. */
  readonly nodes: ReadonlyMap<string, number>;
}

export interface Exposure {
  readonly answers: number;
  /** Nodes that were shown by a second replica while one showed them, with those two. */
  readonly doubled: readonly string[];
  /** Nodes of which an older event was shown after a newer one. */
  readonly stale: readonly string[];
  /** The longest time in which a node that had been shown was not: from one answer with it to the next, or to the last of all. */
  readonly longestGapMs: number;
}

/** So soon after an answer nothing has moved away and come back. */
const NEXT_ANSWER_MS = 1_000;

export function judgeExposure(answers: readonly Answer[]): Exposure {
  const nodes = new Set(answers.flatMap((answer) => [...answer.nodes.keys()]));
  const judged = [...nodes].map((node) => {
    const showing = answers.filter((answer) => answer.nodes.has(node));
    return { doubled: doubledOf(node, showing, answers), stale: staleOf(node, showing), gap: gapOf(showing, answers) };
  });
  return {
    answers: answers.length,
    doubled: judged.flatMap(({ doubled }) => doubled),
    stale: judged.flatMap(({ stale }) => stale),
    longestGapMs: Math.max(0, ...judged.map(({ gap }) => gap)),
  };
}

function doubledOf(node: string, showing: readonly Answer[], answers: readonly Answer[]): string[] {
  const found = new Set<string>();
  const replicas = new Set(showing.map(({ replica }) => replica));
  for (const replica of replicas) {
    const own = answers.filter((answer) => answer.replica === replica).sort((a, b) => a.start - b.start);
    for (const [i, next] of own.entries()) {
      const before = own[i - 1];
      if (before?.nodes.has(node) !== true || !next.nodes.has(node)) continue;
      if (next.start - before.end > NEXT_ANSWER_MS) continue;
      const between = showing.find((other) => {
        return other.replica !== replica && other.start >= before.end && other.end <= next.start;
      });
      if (between !== undefined) found.add(`${node}: ${replica} and ${between.replica}`);
    }
  }
  return [...found];
}

function staleOf(node: string, showing: readonly Answer[]): string[] {
  const finished = [...showing].sort((a, b) => a.end - b.end);
  let newest: { time: number; replica: string } | undefined;
  let i = 0;
  for (const answer of [...showing].sort((a, b) => a.start - b.start)) {
    for (; (finished[i]?.end ?? Number.POSITIVE_INFINITY) <= answer.start; i++) {
      const { replica, nodes } = finished[i] as Answer;
      const time = nodes.get(node) ?? 0;
      if (newest === undefined || time > newest.time) newest = { time, replica };
    }
    const time = answer.nodes.get(node) ?? 0;
    if (newest !== undefined && time < newest.time) {
      return [`${node}: ${answer.replica} shows ${time} after ${newest.time} of ${newest.replica}`];
    }
  }
  return [];
}

function gapOf(showing: readonly Answer[], answers: readonly Answer[]): number {
  const ends = [...showing.map(({ end }) => end), Math.max(...answers.map(({ end }) => end))].sort((a, b) => a - b);
  return Math.max(0, ...ends.slice(1).map((end, i) => end - (ends[i] ?? end)));
}

const EVERY_MS = 100;
/** Nodes of a simulated fleet, whatever else there is. */
const SHOWN = /^node_time_seconds\{.*node="(node-\d+)".*\} (\S+)$/gm;

/** Asks replicas until they are let go. */
export class Watch {
  readonly answers: Answer[] = [];
  /** Questions without a whole answer: the replica had ended, or was not certain any more whose the nodes are. */
  unanswered = 0;
  readonly #watched = new Map<string, { woke: number; loop: Promise<void> }>();

  add(replica: string, service: Service): void {
    const watched = { woke: 0, loop: Promise.resolve() };
    this.#watched.set(replica, watched);
    watched.loop = (async () => {
      for (; this.#watched.get(replica) === watched; await setTimeout(EVERY_MS)) {
        const asked = performance.now();
        // The connection refused, or an answer cut off: that is none.
        const text = await textOf(`${service.url}/metrics`).catch(() => undefined);
        const end = performance.now();
        if (text === undefined) this.unanswered++;
        else {
          const shown = [...text.matchAll(SHOWN)].map(([, node = '', time]) => [node, Number(time)] as const);
          const nodes = new Map(shown);
          this.answers.push({ replica, start: Math.max(asked, watched.woke), end, nodes });
        }
      }
    })();
  }

  /** It answers from now on what it was asked while it was frozen. */
  woke(replica: string): void {
    const watched = this.#watched.get(replica);
    if (watched !== undefined) watched.woke = performance.now();
  }

  async remove(replica: string): Promise<void> {
    const watched = this.#watched.get(replica);
    this.#watched.delete(replica);
    await watched?.loop;
  }

  async stop(): Promise<Exposure> {
    await Promise.all([...this.#watched.keys()].map((replica) => this.remove(replica)));
    return judgeExposure(this.answers);
  }
}
