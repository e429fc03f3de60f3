/** How the long rounds tell what they do, and how long they are. */

/** `SCALE=0.1` makes a round a tenth as long. */
const SCALE = Number(process.env.SCALE ?? 1);

/** So many times in a full round. */
export function times(count: number): number {
  return Math.max(1, Math.round(count * SCALE));
}

export function tell(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);
}
