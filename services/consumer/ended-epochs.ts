/**
 * The epochs of one node that have ended, each with the highest number that is accounted for. Of an epoch's name a
 * fingerprint is kept: a name may have 253 characters, and anybody can make up as many as are remembered. So 10,000 nodes with
 * all the epochs that there is room for take some 15 MB, and a usual node next to nothing.
 */
import { hash } from 'node:crypto';

/** An agent that crashes at once is started anew a dozen times an hour, and the topic remembers a day. */
export const REMEMBERED_EPOCHS = 64;

export class EndedEpochs {
  /** Fingerprint, number, fingerprint, number, …; the one that has ended last stands last. */
  readonly #ended: number[] = [];

  /** The highest number of an epoch that has ended, `undefined` if it has not, or is not remembered. */
  newestOf(epoch: string): number | undefined {
    const at = this.#find(fingerprintOf(epoch));
    return at < 0 ? undefined : this.#ended[at + 1];
  }

  /** The epoch ends, perhaps not for the first time. */
  end(epoch: string, newest: number): void {
    const fingerprint = fingerprintOf(epoch);
    const at = this.#find(fingerprint);
    if (at >= 0) this.#ended.splice(at, 2);
    else if (this.#ended.length === 2 * REMEMBERED_EPOCHS) this.#ended.splice(0, 2);
    this.#ended.push(fingerprint, newest);
  }

  #find(fingerprint: number): number {
    for (let at = this.#ended.length - 2; at >= 0; at -= 2) if (this.#ended[at] === fingerprint) return at;
    return -1;
  }
}

/** 48 bits. Whoever makes two of them meet has made one epoch of two, which is nothing that one name would not do. */
function fingerprintOf(epoch: string): number {
  return hash('sha256', epoch, 'buffer').readUIntBE(0, 6);
}
