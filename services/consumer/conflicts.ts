/**
 * Says which nodes two producers claim to be: once when it begins, since two agents under one name conflict at each event. How
 * often, the node's counter says. Whoever makes up names cannot fill the log with them, either.
 */
import type { Log } from '#runtime/log.ts';
import type { NodeName } from './state.ts';

/** Conflicts of a node within as long of each other are one. */
const EPISODE_MS = 10 * 60_000;
/** So many nodes may be in conflict at a time and be named. */
const NAMED = 50;

/** @param monotonic milliseconds by a clock that nobody sets. */
export function tellConflicts(log: Pick<Log, 'warn'>, monotonic: () => number): (of: NodeName) => void {
  /** When it was last seen of a node, the longest ago first. */
  const lasting = new Map<string, number>();
  return ({ cluster, node }) => {
    const now = monotonic();
    const key = JSON.stringify([cluster, node]);
    for (const [other, last] of lasting) {
      if (now - last < EPISODE_MS) break;
      lasting.delete(other);
    }
    if (lasting.delete(key)) lasting.set(key, now);
    else if (lasting.size < NAMED) {
      lasting.set(key, now);
      log.warn({ cluster, node }, 'two producers claim to be one node, or its events are forged or repeated');
    }
  };
}
