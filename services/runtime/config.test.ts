import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpText, loadConfig, markdownTable, type SettingsTable } from './config.ts';
import { PipelineError } from './errors.ts';
import { address, bytes, duration, httpServers, name, oneOf, servers, text, whole } from './settings.ts';

const TABLE = {
  NODE_NAME: { ...name, help: 'Who I am.' },
  INTERVAL: { ...duration('1s', '5m'), help: 'How often.', default: '5s' },
  PASSWORD: { ...text, help: 'What only I know.', unset: 'no password', secret: true },
} satisfies SettingsTable;

test('a variable that is set wins over its default, one that is empty does not', () => {
  assert.equal(loadConfig(TABLE, { NODE_NAME: 'a', INTERVAL: '1m' }).INTERVAL, 60_000);
  assert.equal(loadConfig(TABLE, { NODE_NAME: 'a', INTERVAL: '' }).INTERVAL, 5000);
});

test('a variable that may be unset is undefined then', () => {
  assert.equal(loadConfig(TABLE, { NODE_NAME: 'a' }).PASSWORD, undefined);
});

test('all problems are told at once, each with the variable, its value and what was expected', () => {
  assert.throws(
    () => loadConfig(TABLE, { INTERVAL: 'soon' }),
    (error: unknown) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(error.code, 'CONFIG');
      assert.deepEqual(error.message.split('\n'), [
        'NODE_NAME is not set: expected a name of at most 253 letters, digits, "-", "_" or "."',
        'INTERVAL="soon": expected a duration from 1s to 5m, such as 500ms, 5s or 1m',
      ]);
      return true;
    },
  );
});

test('a secret is not shown, not even when it is wrong', () => {
  const table = { KEY: { ...oneOf('right'), help: 'The key.', secret: true } };
  assert.throws(() => loadConfig(table, { KEY: 'hunter2' }), /^PipelineError: KEY=\(secret\): expected "right"$/);
});

test('a variable that needs others is told when they are not set, with all other problems', () => {
  const table = {
    USER: { ...text, help: 'Who.', unset: 'nobody', needs: ['KEY', 'REALM'] },
    KEY: { ...text, help: 'The key.', unset: 'no key', secret: true, needs: ['USER'] },
    REALM: { ...oneOf('here', 'there'), help: 'Where.', unset: 'nowhere' },
  } satisfies SettingsTable;
  assert.throws(
    () => loadConfig(table, { USER: 'a' }),
    /^PipelineError: USER is set: expected KEY and REALM to be set, too$/,
  );
  assert.throws(
    () => loadConfig(table, { KEY: 'k', REALM: 'x' }),
    /^PipelineError: KEY is set: expected USER to be set, too\nREALM="x": expected one of here, there$/,
  );
  assert.deepEqual(loadConfig(table, { USER: 'a', KEY: 'k', REALM: 'here' }), { USER: 'a', KEY: 'k', REALM: 'here' });
  assert.deepEqual(loadConfig(table, {}), {});
});

test('what the machine answers for an unset variable is checked like what is set', () => {
  const table = (answer: string) => ({
    HOST: { ...name, help: 'Which.', unset: "the machine's name", fallback: () => answer },
  });
  assert.equal(loadConfig(table('a'), {}).HOST.length, 1);
  assert.equal(loadConfig(table('a'), { HOST: 'bb' }).HOST, 'bb');
  assert.throws(() => loadConfig(table('a b'), {}), /HOST="a b": expected a name/);
});

test('a value of several items is told which of them is wrong, if its kind can say so', () => {
  const mistake = (value: string) => `${value.split(',').find((item) => item === 'bad')}: expected good`;
  const table = { ITEMS: { expected: 'items', parse: () => undefined, mistake, help: 'Which.', unset: 'none' } };
  assert.throws(() => loadConfig(table, { ITEMS: 'good,bad' }), {
    message: 'ITEMS="good,bad": bad: expected good',
  });
});

test('help and documentation come from the same table', () => {
  assert.match(helpText('usage', TABLE), /NODE_NAME \(required\)\n {6}Who I am\.\n/);
  assert.match(helpText('usage', TABLE), /INTERVAL \(default 5s\)/);
  assert.match(markdownTable(TABLE), /\| `PASSWORD` \| What only I know\. \| a text \| no password \|/);
});

const KINDS: readonly [kind: string, parse: (text: string) => unknown, text: string, value: unknown][] = [
  ['duration', duration('1s', '5m').parse, '1500ms', 1500],
  ['duration', duration('1s', '5m').parse, '5m', 300_000],
  ['duration', duration('1s', '5m').parse, '6m', undefined],
  ['duration', duration('1s', '5m').parse, '999ms', undefined],
  ['duration', duration('1s', '5m').parse, '5', undefined],
  ['duration', duration('1s', '5m').parse, '-5s', undefined],
  ['whole number', whole(1, 5000).parse, '1000', 1000],
  ['whole number', whole(1, 5000).parse, '0', undefined],
  ['whole number', whole(1, 5000).parse, '5001', undefined],
  ['whole number', whole(1, 5000).parse, '1e3', undefined],
  ['whole number', whole(1, 5000).parse, '1.5', undefined],
  ['whole number', whole(0, Number.MAX_SAFE_INTEGER).parse, '9'.repeat(16), undefined],
  ['size', bytes('4Mi', '1Ti').parse, '64Mi', 67_108_864],
  ['size', bytes('1', '1Ti').parse, '1500', 1500],
  ['size', bytes('4Mi', '1Ti').parse, '4095Ki', undefined],
  ['size', bytes('4Mi', '1Ti').parse, '2Ti', undefined],
  ['size', bytes('4Mi', '1Ti').parse, '64MB', undefined],
  ['size', bytes('4Mi', '1Ti').parse, '', undefined],
  ['address', address.parse, ':8080', { host: '', port: 8080 }],
  ['address', address.parse, '127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['address', address.parse, '[::1]:8080', { host: '::1', port: 8080 }],
  ['address', address.parse, '8080', undefined],
  ['address', address.parse, ':70000', undefined],
  ['servers', servers.parse, 'a:9092, b:9093', ['a:9092', 'b:9093']],
  ['servers', servers.parse, 'a', undefined],
  ['servers', servers.parse, ':9092', undefined],
  ['servers', servers.parse, 'a:9092,', undefined],
  ['HTTP servers', httpServers.parse, 'http://am:9093', [{ url: 'http://am:9093', authorization: undefined }]],
  [
    'HTTP servers',
    httpServers.parse,
    'http://a, https://b.example/c/',
    [
      { url: 'http://a', authorization: undefined },
      { url: 'https://b.example/c', authorization: undefined },
    ],
  ],
  [
    'HTTP servers',
    httpServers.parse,
    'http://u:p%40%2C@[::1]:9093/',
    [{ url: 'http://[::1]:9093', authorization: `Basic ${btoa('u:p@,')}` }],
  ],
  ['HTTP servers', httpServers.parse, 'http://u@am', [{ url: 'http://am', authorization: `Basic ${btoa('u:')}` }]],
  ['HTTP servers', httpServers.parse, 'am:9093', undefined],
  ['HTTP servers', httpServers.parse, 'ftp://am', undefined],
  ['HTTP servers', httpServers.parse, 'http://', undefined],
  ['HTTP servers', httpServers.parse, 'http://am/?a=b', undefined],
  ['HTTP servers', httpServers.parse, 'http://%zz:p@am', undefined],
  ['HTTP servers', httpServers.parse, 'http://am,', undefined],
  ['name', name.parse, 'worker-1.example', 'worker-1.example'],
  ['name', name.parse, 'a/b', undefined],
  ['name', name.parse, 'ä', undefined],
  ['one of', oneOf('info', 'warn').parse, 'warn', 'warn'],
  ['one of', oneOf('info', 'warn').parse, 'WARN', undefined],
];

for (const [kind, parse, given, value] of KINDS) {
  test(`${kind}: ${JSON.stringify(given)} ${value === undefined ? 'is refused' : `is ${JSON.stringify(value)}`}`, () => {
    assert.deepEqual(parse(given), value);
  });
}
