import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { resolveSettings, type Resolved, type ResolveInput } from '../../src/config/resolve.ts';
import { expectBadOption } from './expect-bad-option.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MACHINE = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };

interface Given extends Partial<ResolveInput> {
  readonly file?: string;
}

/** Resolves in a folder with an `app.js` and perhaps a config file, on a machine where max is 16 by default. */
async function resolve(t: TestContext, { file, ...given }: Given): Promise<Resolved & { folder: string }> {
  const files = { 'app.js': '', ...(file === undefined ? {} : { 'prefork.config.json': file }) };
  const folder = await temporaryFolder(t, files);
  const resolved = await resolveSettings({ options: { entry: 'app.js' }, env: {}, cwd: folder, machine: MACHINE, ...given });
  return { ...resolved, folder };
}

/** Passes on what only a caller without types could write. */
function untyped(value: unknown): ResolveInput['options'] {
  return value as ResolveInput['options'];
}

test('without options all defaults are in force', async (t) => {
  const { settings, sources, configFile, folder } = await resolve(t, {});
  assert.deepEqual(settings, {
    entry: join(folder, 'app.js'),
    mode: 'pool',
    host: '127.0.0.1',
    port: 3000,
    certificate: undefined,
    min: 1,
    max: 16,
    spares: 2,
    concurrency: 1,
    cpus: 2,
    memoryBytes: 2 ** 31,
    quantumMs: 50,
    floor: 0.1,
    deadlineMs: 30_000,
    deadlineIsExplicit: false,
    slowMs: undefined,
    queueLimit: 256,
    queuePatienceMs: 500,
    queueTimeoutMs: 10_000,
    idleTimeoutMs: 60_000,
    maxRequests: 0,
    maxMemoryBytes: 0,
    maxBodyBytes: 104_857_600,
    maxHeaderBytes: 16_384,
    headersTimeoutMs: 15_000,
    keepAliveTimeoutMs: 65_000,
    bootTimeoutMs: 30_000,
    shutdownTimeoutMs: 25_000,
    adminPort: undefined,
    socket: undefined,
    health: false,
    incidentsFolder: undefined,
    watch: false,
    dev: false,
    logLevel: 'info',
    serverTiming: true,
    workerHeader: true,
  });
  assert.deepEqual(new Set(Object.values(sources)), new Set(['default']));
  assert.equal(configFile, undefined);
});

test('every option reaches its setting', async (t) => {
  const { settings, sources, folder } = await resolve(t, {
    options: {
      entry: 'app.js',
      mode: 'thread',
      host: '[::1]',
      port: 0,
      cert: '/etc/cert.pem',
      key: '/etc/key.pem',
      min: 3,
      max: 9,
      spares: 4,
      concurrency: 8,
      memory: '3GB',
      quantum: '20ms',
      floor: '25%',
      deadline: '1s',
      queue: 5,
      queueTimeout: '2s',
      idleTimeout: '3s',
      maxRequests: 6,
      maxMemory: '7MB',
      maxBody: '8KB',
      maxHeader: '9KB',
      headersTimeout: '4s',
      keepAliveTimeout: '5s',
      bootTimeout: '6s',
      shutdownTimeout: 0,
      slow: '700ms',
      adminPort: 0,
      socket: 'admin.sock',
      health: true,
      incidents: '/var/incidents',
      watch: true,
      dev: true,
      logLevel: 'debug',
      serverTiming: false,
      workerHeader: false,
      config: 'prefork.config.json',
    },
    file: '{}',
  });
  assert.deepEqual(settings, {
    entry: join(folder, 'app.js'),
    mode: 'thread',
    host: '::1',
    port: 0,
    certificate: { cert: '/etc/cert.pem', key: '/etc/key.pem' },
    min: 3,
    max: 9,
    spares: 4,
    concurrency: 8,
    cpus: 2,
    memoryBytes: 3 * 2 ** 30,
    quantumMs: 20,
    floor: 0.25,
    deadlineMs: 1_000,
    deadlineIsExplicit: true,
    slowMs: 700,
    queueLimit: 5,
    queuePatienceMs: undefined,
    queueTimeoutMs: 2_000,
    idleTimeoutMs: 3_000,
    maxRequests: 6,
    maxMemoryBytes: 7_340_032,
    maxBodyBytes: 8_192,
    maxHeaderBytes: 9_216,
    headersTimeoutMs: 4_000,
    keepAliveTimeoutMs: 5_000,
    bootTimeoutMs: 6_000,
    shutdownTimeoutMs: 0,
    adminPort: 0,
    socket: 'admin.sock',
    health: true,
    incidentsFolder: '/var/incidents',
    watch: true,
    dev: true,
    logLevel: 'debug',
    serverTiming: false,
    workerHeader: false,
  });
  assert.deepEqual(new Set(Object.values(sources)), new Set(['option']));
});

test('flags win over the environment, that over the file, that over defaults', async (t) => {
  const { settings, sources, configFile, folder } = await resolve(t, {
    options: { entry: 'app.js', port: 1 },
    explicitSource: 'flag',
    env: { PORT: '2', WEB_CONCURRENCY: '12' },
    file: '{ "port": 3, "max": 13, "deadline": "3s" }',
  });
  const { port, max, deadlineMs, deadlineIsExplicit, queueLimit } = settings;
  assert.deepEqual([port, max, deadlineMs, deadlineIsExplicit, queueLimit], [1, 12, 3_000, true, 192]);
  assert.deepEqual([sources.port, sources.max, sources.deadline, sources.queue], ['flag', 'environment', 'file', 'default']);
  assert.equal(configFile, join(folder, 'prefork.config.json'));
});

test('an undefined option counts as not set', async (t) => {
  const { settings, sources } = await resolve(t, { options: { entry: 'app.js', port: undefined }, env: { PORT: '2' } });
  assert.equal(settings.port, 2);
  assert.equal(sources.port, 'environment');
});

test('the config file can be named by the environment', async (t) => {
  const { settings, sources } = await resolve(t, { env: { PREFORK_CONFIG: './prefork.config.json' }, file: '{ "port": 7 }' });
  assert.equal(settings.port, 7);
  assert.equal(sources.config, 'environment');
});

test('defaults give way to what was set', async (t) => {
  const single = await resolve(t, { options: { entry: 'app.js', max: 1 } });
  assert.deepEqual([single.settings.min, single.settings.spares, single.settings.queueLimit], [1, 1, 16]);
  const cluster = await resolve(t, { options: { entry: 'app.js', mode: 'cluster' } });
  assert.deepEqual([cluster.settings.min, cluster.settings.max], [2, 2]);
  const wide = await resolve(t, { options: { entry: 'app.js', mode: 'cluster', max: 5 } });
  assert.deepEqual([wide.settings.min, wide.settings.max], [5, 5]);
});

const CONTRADICTIONS: readonly [string, Given, string][] = [
  [
    'min over max',
    { options: { entry: 'app.js', min: 5, max: 4 }, explicitSource: 'flag' },
    '--min: found 5, expected at most 4, the value of --max',
  ],
  [
    'min over the default of max',
    { options: { entry: 'app.js', min: 17 } },
    'option min: found 17, expected at most 16, the default of max on this machine: set max too',
  ],
  [
    'concurrency in a mode that is not for it',
    { options: { entry: 'app.js', mode: 'fork', concurrency: 2 } },
    'option concurrency: found 2 in mode fork, expected mode pool or thread, or 1',
  ],
  [
    'spares of the file over max of the environment',
    { file: '{ "spares": 9 }', env: { WEB_CONCURRENCY: '8' } },
    'prefork.config.json, spares: found 9, expected at most 8, the value of WEB_CONCURRENCY',
  ],
];

for (const [name, given, message] of CONTRADICTIONS) {
  test(`refuses ${name}`, (t) => expectBadOption(() => resolve(t, given), message));
}

const COUNT = 'a whole number from 1 to 2147483647';
const PORT = 'a port from 0 to 65535, 0 for any free one';
const HOST = 'a host name or an IP address, without scheme and port';
const REFUSED: readonly [Record<string, unknown>, string][] = [
  [{ deadlin: '3s' }, 'options: found the unknown option "deadlin", expected deadline, or another option of serve'],
  [{ max: 0 }, `option max: found 0, expected ${COUNT}`],
  [{ max: 1.5 }, `option max: found 1.5, expected ${COUNT}`],
  [{ max: '0x10' }, `option max: found "0x10", expected ${COUNT}`],
  [{ max: '' }, `option max: found "", expected ${COUNT}`],
  [{ max: 2 ** 31 }, `option max: found 2147483648, expected ${COUNT}`],
  [{ port: -1 }, `option port: found -1, expected ${PORT}`],
  [{ port: 65_536 }, `option port: found 65536, expected ${PORT}`],
  [{ port: true }, `option port: found true, expected ${PORT}`],
  [{ mode: 'forks' }, 'option mode: found "forks", expected one of blocking, fork, pool, thread, cluster'],
  [{ mode: 'toString' }, 'option mode: found "toString", expected one of blocking, fork, pool, thread, cluster'],
  [{ dev: 'yes' }, 'option dev: found "yes", expected true or false'],
  [{ dev: 1 }, 'option dev: found 1, expected true or false'],
  [{ host: 'http://localhost' }, `option host: found "http://localhost", expected ${HOST}`],
  [{ host: 'localhost:80' }, `option host: found "localhost:80", expected ${HOST}`],
  [{ host: '300.1.1.1' }, `option host: found "300.1.1.1", expected ${HOST}`],
  [{ host: '' }, `option host: found "", expected ${HOST}`],
  [{ deadline: 0 }, 'option deadline: found 0, expected a duration of at least 1ms'],
  [{ keepAliveTimeout: 0 }, 'option keepAliveTimeout: found 0, expected a duration of at least 1ms'],
  [{ maxHeader: '1B' }, 'option maxHeader: found "1B", expected a size of at least 1KB'],
  [{ config: '' }, 'option config: found "", expected a text that is not empty'],
];

for (const [options, message] of REFUSED) {
  test(`refuses ${JSON.stringify(options)}`, (t) =>
    expectBadOption(() => resolve(t, { options: untyped({ entry: 'app.js', ...options }) }), message));
}

const HOSTS = ['0.0.0.0', '::', 'fe80::1%eth0', 'localhost', 'my_service', 'a.example.org.', 'x'];
for (const host of HOSTS) {
  test(`takes the host ${host}`, async (t) => {
    const { settings } = await resolve(t, { options: { entry: 'app.js', host } });
    assert.equal(settings.host, host);
  });
}

test('numbers and booleans may come as text', async (t) => {
  const { settings } = await resolve(t, { options: untyped({ entry: 'app.js', port: '8080', max: '3', dev: 'false' }) });
  assert.deepEqual([settings.port, settings.max, settings.dev], [8080, 3, false]);
});

test('options that are no plain object are refused', async (t) => {
  class Options {
    readonly entry = 'app.js';
  }
  const expected = 'expected a plain object with at least an entry';
  await expectBadOption(() => resolve(t, { options: new Options() }), `options: found an object, ${expected}`);
  await expectBadOption(() => resolve(t, { options: untyped(null) }), `options: found null, ${expected}`);
  await expectBadOption(() => resolve(t, { options: untyped('app.js') }), `options: found "app.js", ${expected}`);
  await expectBadOption(() => resolve(t, { options: untyped([]) }), `options: found an array, ${expected}`);
});

test('inherited options do not count', async (t) => {
  const parent = Object.assign(Object.create(null) as object, { port: 1 });
  const { settings } = await resolve(t, { options: Object.assign(Object.create(parent) as object, { entry: 'app.js' }) });
  assert.equal(settings.port, 3000);
});

test('an own __proto__, as JSON.parse makes it, is an unknown option and changes nothing', async (t) => {
  const options = untyped(JSON.parse('{ "entry": "app.js", "__proto__": { "port": 1 } }'));
  await assert.rejects(resolve(t, { options }), {
    code: 'ERR_BAD_OPTION',
    message: /^options: found the unknown option "__proto__"/,
  });
  assert.equal('port' in {}, false);
});

test('a missing entry is told apart from a wrong option', async (t) => {
  await assert.rejects(resolve(t, { options: { entry: 'nope.js' } }), { code: 'ERR_ENTRY_NOT_FOUND' });
  await expectBadOption(
    () => resolve(t, { options: untyped({}) }),
    'entry: found undefined, expected a path such as ./server.js, or a file: URL',
  );
});
