/** Debian's Alertmanager on a port of loopback, and a receiver of what it notifies. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Running, run, textOf } from './programs.ts';

/** An alert as its API answers it. */
export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly status: {
    readonly state: 'active' | 'suppressed' | 'unprocessed';
    readonly inhibitedBy: readonly string[];
    readonly silencedBy: readonly string[];
  };
}

export interface RunningAlertmanager extends Running {
  readonly url: string;
  readonly port: number;
  alerts(): Promise<readonly KnownAlert[]>;
  /** Silences alerts with that value of that label for an hour. */
  silence(name: string, value: string): Promise<void>;
}

/**
 * @param config as JSON, which is YAML as well.
 * @param port of an earlier one in the same directory, whose memory it has; by default the system's choice.
 */
export async function startAlertmanager(directory: string, config: object, port = 0): Promise<RunningAlertmanager> {
  const file = join(directory, 'alertmanager.yml');
  writeFileSync(file, JSON.stringify(config));
  const program = run('prometheus-alertmanager', [
    `--config.file=${file}`,
    `--storage.path=${join(directory, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  const [, chosen] = await program.printed(/address=127\.0\.0\.1:(\d+)/);
  const url = `http://127.0.0.1:${chosen}`;
  return {
    ...program,
    url,
    port: Number(chosen),
    alerts: async () => JSON.parse(await textOf(`${url}/api/v2/alerts`)) as KnownAlert[],
    async silence(name, value) {
      const matchers = [{ name, value, isRegex: false, isEqual: true }];
      const [startsAt, endsAt] = [new Date(), new Date(Date.now() + 3_600_000)];
      const response = await fetch(`${url}/api/v2/silences`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ matchers, startsAt, endsAt, createdBy: 'test', comment: 'test' }),
      });
      if (!response.ok) throw new Error(`silence: ${response.status} ${await response.text()}`);
    },
  };
}

/** What a webhook is told. */
export interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly (Omit<KnownAlert, 'status'> & { readonly status: 'firing' | 'resolved' })[];
}

export interface Receiver {
  readonly url: string;
  /** In the order in which they came. */
  readonly notifications: readonly Notification[];
  close(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const notifications: Notification[] = [];
  const server = createServer(async (request, response) => {
    notifications.push(JSON.parse(await text(request)) as Notification);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    notifications,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
