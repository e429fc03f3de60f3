import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { AlertRow } from '../consumer/api/shapes.ts';
import { alerts } from './alerts.ts';
import { runCommand } from './command.ts';

const NOON = Date.UTC(2026, 0, 7, 12);

/** A port that nobody listens on any more. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return `127.0.0.1:${port}`;
}

async function serve(t: TestContext, status: number, body: unknown): Promise<string> {
  const server = createServer((request, response) => {
    assert.equal(request.url, '/api/alerts');
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function alert(alertname: string, node: string, of: Partial<AlertRow> = {}): AlertRow {
  return {
    ...{ alertId: `${alertname}/${node}`, alertname, node, state: 'firing', severity: 'warning', cluster: 'c' },
    ...{ sinceMs: NOON - 120_000, firedMs: NOON - 60_000, value: 97.23456, late: false, labels: {} },
    annotations: { summary: `${node}: ${alertname}` },
    ...of,
  };
}

async function run(...argv: readonly string[]) {
  const [said, complained]: [string[], string[]] = [[], []];
  const code = await runCommand({ alerts }, ['alerts', ...argv], {
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
  });
  return { code, said: said.join('\n'), complained };
}

test('the alerts of all replicas are joined, the worst first, and what is for nobody only if asked for', async (t) => {
  const watchdog = alert('Watchdog', '', { severity: 'none' });
  const { firedMs: _, ...pending } = alert('CpuBusy', 'b', { state: 'pending' });
  const one = await serve(t, 200, {
    timeMs: NOON,
    active: [pending, alert('CpuBusy', 'a'), watchdog, alert('Odd', 'a', { severity: 'page', value: 'Infinity' })],
    recent: [],
  });
  const disk = alert('FilesystemAlmostFull', 'c', { severity: 'critical', firedMs: NOON - 7_500_000 });
  const two = await serve(t, 200, { timeMs: NOON, active: [disk, alert('CpuBusy', 'a')], recent: [] });
  assert.deepEqual(await run('--url', `${one},${two}`), {
    code: 0,
    said: `
SEVERITY  STATE    ALERT                 NODE  SINCE  VALUE     SUMMARY
critical  firing   FilesystemAlmostFull  c     2h5m   97.23     c: FilesystemAlmostFull
warning   firing   CpuBusy               a     1m     97.23     a: CpuBusy
warning   pending  CpuBusy               b     2m     97.23     b: CpuBusy
page      firing   Odd                   a     1m     Infinity  a: Odd`.trimStart(),
    complained: [],
  });
  const all = await run('--url', one, '--url', two, '--all', '--json');
  const { alerts: rows, problems } = JSON.parse(all.said);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rows.map(({ alertId, seconds }: { alertId: string; seconds: number }) => [alertId, seconds]),
    [
      ['FilesystemAlmostFull/c', 7500],
      ['CpuBusy/a', 60],
      ['CpuBusy/b', 120],
      ['Odd/a', 60],
      ['Watchdog/', 60],
    ],
  );
  assert.match((await run('--url', `${one}/,${two}/`, '--all')).said, /\nnone +firing +Watchdog /);
});

test('nodes of several clusters are told apart', async (t) => {
  const active = [alert('CpuBusy', 'a'), alert('LoadHigh', 'a', { cluster: 'd' })];
  const { said } = await run('--url', await serve(t, 200, { timeMs: NOON, active, recent: [] }));
  assert.match(said, /CpuBusy +c\/a .*\n.*LoadHigh +d\/a /);
});

test('a replica that does not answer, or cannot, is told in a line, and the others are shown', async (t) => {
  const good = await serve(t, 200, { timeMs: NOON, active: [alert('CpuBusy', 'a')], recent: [] });
  const uncertain = await serve(t, 503, { error: 'it is not certain now' });
  const proxy = await serve(t, 200, '<html>');
  const gone = await nobody();
  const { code, said, complained } = await run('--url', [good, uncertain, proxy, `http://${gone}`].join());
  assert.equal(code, 1);
  assert.match(said, /CpuBusy/);
  assert.deepEqual(complained, [
    `sysmon: ${uncertain}: 503 it is not certain now`,
    `sysmon: ${proxy}: expected a consumer's answer`,
    `sysmon: http://${gone}: connect ECONNREFUSED ${gone}`,
  ]);
  assert.deepEqual(await run('--url', uncertain), {
    code: 1,
    said: '',
    complained: [`sysmon: ${uncertain}: 503 it is not certain now`],
  });
});

test('that nothing fires is told, and what is no URL is refused without its password', async (t) => {
  const none = await serve(t, 200, { timeMs: NOON, active: [], recent: [] });
  assert.deepEqual(await run('--url', none), { code: 0, said: 'Nothing is pending or firing', complained: [] });
  const { code, complained } = await run('--url', 'ftp://a:secret@b');
  assert.equal(code, 2);
  assert.match(complained[0] ?? '', /^sysmon: alerts: --url: expected a comma-separated list of http/);
});
