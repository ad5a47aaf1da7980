import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectBadOption } from './expect-bad-option.ts';
import { MACHINE, resolve, untyped } from './resolve-in-folder.ts';

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

test('a default is never refused: neither the quantum above a short deadline, nor the memory of a small machine', async (t) => {
  const { settings } = await resolve(t, {
    options: { entry: 'app.js', deadline: '20ms' },
    machine: { cpus: 1, memoryBytes: 60 * 2 ** 20 },
  });
  assert.deepEqual([settings.quantumMs, settings.deadlineMs, settings.memoryBytes], [50, 20, 30 * 2 ** 20]);
});

test('the longest quantum, and the least and the most memory, are taken', async (t) => {
  const { settings } = await resolve(t, { options: { entry: 'app.js', quantum: 1999, deadline: '2s', memory: '4GB' } });
  assert.deepEqual([settings.quantumMs, settings.memoryBytes], [1999, MACHINE.memoryBytes]);
  assert.equal((await resolve(t, { env: { PREFORK_MEMORY: '64MB' } })).settings.memoryBytes, 64 * 2 ** 20);
});

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
