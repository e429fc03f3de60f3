/** The live page in a browser, as people use it: what it shows is true, news comes by itself, and nothing hostile is more than text. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { NodeEvent } from '#contract/event.ts';
import type { AlertsAnswer } from '../services/consumer/api/shapes.ts';
import { accessibilityFaults, openBrowser, openPage } from './browser.ts';
import { skipWithout } from './debian.ts';
import { eventually, run, textOf } from './programs.ts';
import { INTERVAL_S, startVirtualFleet, type VirtualFleet } from './virtual-fleet.ts';

const skip = skipWithout('chromium', 'chromium');
const SCENARIOS = [
  'cpu-spike@node-0003+9m/4m',
  'memory-leak@node-0007+6m',
  'disk-fill@node-0011+4m',
  'packet-loss@node-0019+10m',
  'node-silent@node-0015+12m/1h',
  'cpu-spike@node-0023+17m',
].join();
const NODES = 30;
const BUSY = '#cluster=production&node=node-0003';
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: PHONE,
};

let browser: Browser;
let fleet: VirtualFleet;

before(async () => {
  if (skip !== false) return;
  [browser, fleet] = await Promise.all([openBrowser(), startVirtualFleet(NODES, SCENARIOS)]);
  await fleet.pass(15 * 60);
});
after(async () => {
  await browser?.close();
  await fleet?.stop();
});

const textIn = async (page: Page, selector: string) => (await page.locator(selector).first().textContent()) ?? '';
const heading = (page: Page) => textIn(page, 'h1');
/** What a panel says that the value is. */
const valueIn = (page: Page, column: string) => textIn(page, `.entry[data-column="${column}"] .value`);
/** The charts as they are painted. */
const painted = (page: Page) =>
  page.evaluate<string[]>("[...document.querySelectorAll('canvas')].map((of) => of.toDataURL())");

test('the page is small', { skip }, async () => {
  const files = await Promise.all(['/', '/page.js', '/page.css'].map((path) => textOf(`${fleet.url}${path}`)));
  const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  assert.ok(bytes < 100_000, `${bytes} bytes compressed`);
});

test('each file has an ETag, by which a browser need not load it again', { skip }, async () => {
  for (const path of ['/', '/page.js', '/page.css']) {
    const first = await fetch(`${fleet.url}${path}`);
    const etag = first.headers.get('etag') ?? '';
    assert.equal((await fetch(`${fleet.url}${path}`, { headers: { 'if-none-match': etag } })).status, 304);
    assert.equal((await fetch(`${fleet.url}${path}`, { headers: { 'if-none-match': '"another"' } })).status, 200);
    assert.match(
      first.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
  }
});

test('the values on the screen are those of /metrics', { skip }, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${fleet.url}/${BUSY}`);
  const earlier = await samplesOf('node-0003');
  await fleet.pass(INTERVAL_S);
  const later = await samplesOf('node-0003');
  const grown = (pattern: RegExp) => sum(later, pattern) - sum(earlier, pattern);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const memory = 1 - sum(later, /^node_memory_MemAvailable_bytes/) / sum(later, /^node_memory_MemTotal_bytes/);
  const [all, idle] = [grown(/^node_cpu_seconds_total/), grown(/^node_cpu_seconds_total.*mode="(idle|iowait)"/)];
  const expected = {
    cpuPercent: percent((all - idle) / all),
    memoryPercent: percent(memory),
    cpuPressurePercent: percent(grown(/^node_pressure_cpu_waiting_seconds_total/) / INTERVAL_S),
  };
  await eventually(async () => {
    for (const [column, value] of Object.entries(expected)) assert.equal(await valueIn(page, column), value, column);
  });
  const received = grown(/^node_network_receive_bytes_total.*device="(eth|en)\w+"/) / INTERVAL_S;
  assert.ok(Math.abs(bytesOf(await valueIn(page, 'networkReceiveBytesPerSecond')) / received - 1) < 0.01);
  assert.match(await textIn(page, '#facts'), new RegExp(`load ${sum(later, /^node_load1\{/).toFixed(2)}`));
  assert.deepEqual(complaints, []);
});

test('all nodes are there, the worst first, as many as /metrics has', { skip }, async (t) => {
  const { page, complaints } = await openPage(t, browser, fleet.url);
  const up = (await textOf(`${fleet.url}/metrics`)).match(/^sysmon_node_up\{.*\} 1$/gm)?.length;
  await eventually(async () => assert.equal(await page.locator('#fleet tbody tr').count(), NODES));
  assert.match(await textIn(page, '#facts'), new RegExp(`^${up} of ${NODES} up`));
  const silent = page.locator('tr.silent');
  assert.match((await silent.textContent()) ?? '', /^node-0015silent for \d+ /);
  const names = await page.locator('#fleet tbody tr a').allTextContents();
  assert.ok(names.indexOf('node-0015') < 6, `what is wrong comes first: ${names.slice(0, 8).join()}`);
  await page.getByRole('button', { name: 'Memory', exact: true }).click();
  await eventually(async () => assert.equal(await textIn(page, '#fleet tbody tr a'), 'node-0007'));
  assert.deepEqual(complaints, []);
});

test('an alert appears without a reload, is announced, and marks its time on every chart', { skip }, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${fleet.url}/#cluster=production&node=node-0023`);
  await eventually(async () =>
    assert.match(await textIn(page, '#alerts-empty'), /No alert has changed on this node yet/),
  );
  await page.evaluate('window.here = true');
  const fires = async () => {
    const { active } = JSON.parse(await textOf(`${fleet.url}/api/alerts?node=node-0023&state=firing`)) as AlertsAnswer;
    return active.some(({ severity }) => severity !== 'info');
  };
  for (let passed = 0; passed < 10 * 60 && !(await fires()); passed += INTERVAL_S) await fleet.pass(INTERVAL_S);
  const alert = page.locator('#alerts .firing a', { hasText: /(warning|critical) firing/ }).first();
  await alert.waitFor();
  assert.match((await alert.textContent()) ?? '', /(warning|critical) firing/);
  assert.match(await textIn(page, '#announcer'), /: \w+ fires on node-0023$/);
  assert.match(await page.title(), /^\(\d+\) node-0023$/);
  await eventually(async () => assert.notEqual(await valueIn(page, 'alertsFiring'), '0'));

  const plain = await painted(page);
  assert.equal(plain.length, 6);
  const differ = async (from: readonly string[], many: number) => {
    const now = await painted(page);
    assert.equal(now.filter((chart, i) => chart !== from[i]).length, many);
  };
  await alert.focus();
  await eventually(() => differ(plain, 6));
  await page.locator('h1').click();
  await page.evaluate('document.activeElement.blur()');
  await eventually(() => differ(plain, 0));
  await alert.hover();
  await eventually(() => differ(plain, 6));
  assert.equal(await page.evaluate('window.here'), true, 'it was not loaded again');
  assert.deepEqual(complaints, []);
});

test('the keyboard is enough', { skip }, async (t) => {
  const { page, complaints } = await openPage(t, browser, fleet.url);
  await eventually(async () => assert.equal(await page.locator('#fleet tbody tr').count(), NODES));
  const { keyboard } = page;
  await keyboard.press('?');
  await page.locator('dialog[open]').waitFor();
  assert.match(await textIn(page, 'dialog'), /Find a node/);
  await keyboard.press('Escape');
  await eventually(async () => assert.equal(await page.locator('dialog[open]').count(), 0));
  await keyboard.press('/');
  await keyboard.type('0011');
  await keyboard.press('Enter');
  await eventually(async () => assert.equal(await heading(page), 'node-0011'));
  await keyboard.press('f');
  await eventually(async () => assert.equal(await heading(page), 'All nodes'));
  await keyboard.press('j');
  await eventually(async () => assert.match(await heading(page), /^node-/));
  const first = await heading(page);
  await keyboard.press('j');
  await eventually(async () => assert.notEqual(await heading(page), first));
  await keyboard.press('k');
  await eventually(async () => assert.equal(await heading(page), first));
  await keyboard.press('3');
  await eventually(async () => assert.equal(await page.getByRole('radio', { name: '1 h' }).isChecked(), true));
  await keyboard.press('p');
  assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'true');
  assert.equal(await textIn(page, '#connection'), 'paused');
  await keyboard.press('p');
  await keyboard.press('t');
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
  await keyboard.press('f');
  await eventually(async () => assert.equal(await heading(page), 'All nodes'));
  await keyboard.press('a');
  assert.equal(await page.evaluate("document.activeElement.closest('#alerts') !== null"), true);
  await keyboard.press('Enter');
  await eventually(async () => assert.match(await heading(page), /^node-/));
  await page.goBack();
  await eventually(async () => assert.equal(await heading(page), 'All nodes'));
  assert.deepEqual(complaints, []);
});

test('dragging on a chart looks closer on all of them, and Escape goes back', { skip }, async (t) => {
  const { page } = await openPage(t, browser, `${fleet.url}/${BUSY}`);
  await eventually(async () => assert.notEqual(await valueIn(page, 'cpuPercent'), '–'));
  const box = await page.locator('[data-panel="cpu"] .u-over').boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 150, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 50, { steps: 3 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Back to now' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Back to now' }).waitFor({ state: 'hidden' });
});

for (const [look, options] of Object.entries(LOOKS)) {
  test(`nothing serious keeps anybody from the page (${look})`, { skip }, async (t) => {
    for (const place of ['', BUSY]) {
      const { page, complaints } = await openPage(t, browser, `${fleet.url}/${place}`, options);
      await page.locator('#alerts li').first().waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.deepEqual(await standingOut(page), []);
      assert.deepEqual(complaints, []);
      if (place === '') continue;
      await page.locator('#help').click();
      assert.deepEqual(await accessibilityFaults(page), []);
    }
  });
}

/** What is wider than the page, or than the card that it is on. */
function standingOut(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('html, .fleet')]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ nodeName, className, scrollWidth, clientWidth }) => nodeName + ' ' + className + ' ' + (scrollWidth - clientWidth))`);
}

/** What the README shows; written again by UPDATE_SCREENSHOTS=1. */
const SCREENSHOTS = [
  { look: 'light', place: '' },
  { look: 'dark', place: BUSY },
  { look: 'phone', place: '' },
];

for (const { look, place } of SCREENSHOTS) {
  test(`a picture of it (${look})`, { skip }, async (t) => {
    const { page } = await openPage(t, browser, `${fleet.url}/${place}`, LOOKS[look]);
    await page.locator('#alerts li').first().waitFor();
    await eventually(async () => assert.equal(await page.locator('.no-data').count(), 0));
    if (place !== '') await page.locator('#alerts .firing a').last().hover();
    assert.deepEqual(await standingOut(page), []);
    const image = await page.screenshot({ scale: 'css' });
    const file = new URL(`../docs/images/page-${look}.png`, import.meta.url);
    if (process.env.UPDATE_SCREENSHOTS === '1') writeFileSync(file, image);
    assert.deepEqual(sizeOf(image), sizeOf(readFileSync(file)), 'the one in docs/images shows the same');
  });
}

test('names and labels full of markup stay text', { skip }, async (t) => {
  const markup = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
  const cluster = '"><b>cluster';
  const node = `</h1>${markup}/..'&amp;`;
  const hostile = (seq: number): NodeEvent => ({
    ...{ v: 1, cluster, node, epoch: 'e', seq, time: Date.now() - 5000 + seq * 5000, interval: 3_600_000 },
    metrics: {
      node_load1: 1,
      node_filesystem_size_bytes: [[markup, markup, markup, '', 100]],
      node_filesystem_avail_bytes: [[markup, markup, markup, '', 1]],
      node_filesystem_readonly: [[markup, markup, markup, '', 0]],
    },
  });
  await fleet.publish(hostile(0), hostile(1));
  await fleet.pass(1);
  const { page, complaints } = await openPage(t, browser, fleet.url);
  await page.locator('#fleet tbody a', { hasText: '<script>' }).click();
  await eventually(async () => assert.equal(await heading(page), node));
  await eventually(async () => assert.equal(await valueIn(page, 'diskPercent'), '99.0 %'));
  assert.ok((await textIn(page, '#facts')).includes(`fullest disk ${markup}`));
  assert.equal(await page.locator('#picker').inputValue(), node);
  await page.keyboard.press('/');
  await page.locator('[role="option"]', { hasText: '<script>' }).waitFor();
  assert.equal(await page.locator('main img, main b, main script, header img, aside img').count(), 0);
  assert.notEqual(await page.title(), 'owned');
  assert.deepEqual(complaints, []);
});

test('after a restart of the consumer the page goes on by itself', { skip }, async (t) => {
  const first = await startLocal(t);
  const { page } = await openPage(t, browser, first.url);
  await eventually(async () => assert.match(await textIn(page, '#facts'), /^3 of 3 up/));
  await page.evaluate('window.here = true');
  await first.stop('SIGKILL');
  await eventually(async () => assert.match(await textIn(page, '#notice'), /^Not connected to the consumer since/));
  assert.equal(await textIn(page, '#connection'), 'disconnected');
  await startLocal(t, { LISTEN: new URL(first.url).host });
  await eventually(async () => {
    assert.equal(await textIn(page, '#connection'), 'live');
    assert.match(await textIn(page, '#facts'), /^3 of 3 up/);
    assert.equal(await page.locator('#notice').isVisible(), false);
  });
  assert.equal(await page.evaluate('window.here'), true, 'it was not loaded again');
});

test('a page without anything to show says so', { skip }, async (t) => {
  const { url } = await startLocal(t, { SCENARIOS: 'node-silent@*+0s/1h' });
  const { page } = await openPage(t, browser, url);
  await eventually(async () => assert.equal(await textIn(page, '#notice'), 'No node has been heard yet.'));
  await page.evaluate("location.hash = '#cluster=c&node=nobody'");
  await eventually(async () => assert.equal(await heading(page), 'nobody'));
});

async function startLocal(t: TestContext, env: NodeJS.ProcessEnv = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'page-'));
  const program = run(process.execPath, ['services/local/main.ts'], {
    ...{ LISTEN: '127.0.0.1:0', SIMULATE: '3', INTERVAL: '1s', KAFKA_BROKERS: '' },
    ...{ ALERT_LOG: join(directory, 'alerts.log'), ...env },
  });
  t.after(async () => {
    await program.stop('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const [, url = ''] = await program.printed(/page +(http:\S+)\/\n/);
  return { ...program, url };
}

/** The lines of a node in /metrics. */
async function samplesOf(node: string): Promise<readonly string[]> {
  const text = await textOf(`${fleet.url}/metrics`);
  return text.split('\n').filter((line) => line.includes(`node="${node}"`));
}

function sum(samples: readonly string[], pattern: RegExp): number {
  const values = samples.filter((line) => pattern.test(line)).map((line) => Number(line.split(' ').at(-1)));
  return values.reduce((a, b) => a + b, 0);
}

/** What stands there as a person reads it. */
function bytesOf(text: string): number {
  const [value, unit] = text.split(' ');
  return Number(value) * ({ 'B/s': 1, 'kB/s': 1e3, 'MB/s': 1e6, 'GB/s': 1e9 }[unit ?? ''] ?? Number.NaN);
}

/** Width and height of a PNG. */
function sizeOf(png: Buffer): readonly number[] {
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}
