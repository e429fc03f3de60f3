/** What the person at the terminal sees: lines, each with the time since the start; on a terminal the last one is rewritten while something is waited for. */

export interface Progress {
  /** A line that stays. */
  say(text: string): void;
  /** What is being waited for. It is shown at once on a terminal; elsewhere when it changes, and not more often than needed. */
  waiting(text: string): void;
}

export interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** Elsewhere than on a terminal a line of waiting that changes all the time is repeated this often. */
const QUIET_MS = 15_000;

export function createProgress(terminal: Terminal, now: () => number): Progress {
  const start = now();
  let transient = false;
  let last = { text: '', at: Number.NEGATIVE_INFINITY };
  const stamped = (text: string): string => `${elapsed(now() - start).padStart(7)}  ${text}`;
  return {
    say(text) {
      if (transient) terminal.write('\r\x1b[K');
      transient = false;
      last = { text: '', at: Number.NEGATIVE_INFINITY };
      const [first = '', ...rest] = text.split('\n');
      terminal.write(
        `${[stamped(first), ...rest.map((line) => (line === '' ? '' : `         ${line}`))].join('\n')}\n`,
      );
    },
    waiting(text) {
      if (terminal.isTTY) {
        terminal.write(`\r\x1b[K${stamped(text).slice(0, terminal.columns - 1)}`);
        transient = true;
      } else if (text !== last.text && now() - last.at >= QUIET_MS) {
        terminal.write(`${stamped(text)}\n`);
        last = { text, at: now() };
      }
    },
  };
}

/** 75000 → 1m15s */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
}
