/**
 * Certificates that are renewed while the process runs. Each connection reads the files anew; but a broker does not end a
 * connection whose certificate expires, so whoever holds one asks here whether to make a new one.
 *
 * The contents are compared, since Kubernetes renews a mounted secret by pointing a symbolic link elsewhere.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** PEM files. */
export interface TlsFiles {
  /** Whom to trust; without it, the authorities that Node knows. */
  readonly ca?: string;
  /** The client's own certificate and key, where the broker asks for them. */
  readonly cert?: string;
  readonly key?: string;
}

/** How old what is known of the files may be. */
const LOOK_MS = 10_000;

export class Certificates {
  readonly #files: TlsFiles;
  readonly #now: () => number;
  #version = 0;
  #content: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param now monotonic, ms */
  constructor(files: TlsFiles, now: () => number = () => performance.now()) {
    this.#files = files;
    this.#now = now;
  }

  /** Another one whenever the files have changed. Files that cannot be read have not: connections go on with what they had. */
  get version(): number {
    if (this.#now() - this.#lookedAt < LOOK_MS) return this.#version;
    this.#lookedAt = this.#now();
    const content = this.#read();
    if (content !== undefined && content !== this.#content) {
      this.#version += 1;
      this.#content = content;
    }
    return this.#version;
  }

  /** kafkajs copies these options for every connection, which reads the getters, which read the files. */
  options(): ConnectionOptions {
    const options: ConnectionOptions = {};
    for (const [name, path] of Object.entries(this.#files)) {
      Object.defineProperty(options, name, { enumerable: true, get: () => readFileSync(path) });
    }
    return options;
  }

  #read(): string | undefined {
    try {
      return Object.values(this.#files)
        .map((path) => readFileSync(path, 'utf8'))
        .join('\n');
    } catch (error) {
      if (error instanceof Error && 'code' in error) return undefined;
      throw error;
    }
  }
}
