import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { HandlerConfig } from '../../src/channel/messages.ts';
import type { Settings } from '../../src/config/settings.ts';
import { readHandlerConfig } from '../../src/modes/handler-rules.ts';
import type { TaskFacts } from '../../src/scheduler/types.ts';

const settings = { deadlineMs: 30_000, deadlineIsExplicit: false } as Settings;

function factsOf(config: HandlerConfig, headers: Record<string, string> = {}, method = 'GET'): TaskFacts {
  const request = { method, url: '/a?b=c', headers, rawHeaders: [], socket: {} } as unknown as IncomingMessage;
  return readHandlerConfig(config, settings).factsOf(request);
}

test('without a config tasks are known by method and path, and equal otherwise', () => {
  assert.deepEqual(factsOf({}), { key: 'GET /a', client: '', priority: 0, weight: 1, restartable: false, hasBody: false });
});

test('templates are filled in for each request', () => {
  const config = { key: '{query.b}', client: '{header.x-tenant}', priority: '{header.x-priority}', weight: '{header.x-weight}' };
  const headers = { 'x-tenant': 'acme', 'x-priority': '-3', 'x-weight': '7' };
  assert.deepEqual(factsOf(config, headers), {
    key: 'c',
    client: 'acme',
    priority: -3,
    weight: 7,
    restartable: false,
    hasBody: false,
  });
});

test('what a request says of its own priority is bent into the range, or ignored', () => {
  const priorityOf = (text: string): number => factsOf({ priority: '{header.p}' }, { p: text }).priority;
  assert.deepEqual(['11', '-99', '3.5', 'high', ''].map(priorityOf), [10, -10, 0, 0, 0]);
  const weightOf = (text: string): number => factsOf({ weight: '{header.w}' }, { w: text }).weight;
  assert.deepEqual(['0', '101', '-5', 'x'].map(weightOf), [1, 100, 1, 1]);
});

test('a task may be started again when the handler says so, and its body is still there: when it has none', () => {
  assert.equal(factsOf({ idempotent: true }).restartable, true);
  assert.equal(factsOf({ idempotent: true }, { 'content-length': '3' }).restartable, false);
  assert.equal(factsOf({ idempotent: true }, { 'transfer-encoding': 'chunked' }).restartable, false);
});

test('with a list of methods a request may be started again when it has one of them, and no body', () => {
  const config = { idempotent: ['GET', 'HEAD'] };
  const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'].filter((method) => factsOf(config, {}, method).restartable);
  assert.deepEqual(methods, ['GET', 'HEAD']);
  assert.equal(factsOf(config, { 'content-length': '3' }).restartable, false);
  assert.equal(factsOf({ idempotent: ['POST'] }, { 'content-length': '0' }, 'POST').restartable, true);
  assert.equal(factsOf({ idempotent: true }, {}, 'POST').restartable, true);
  assert.equal(factsOf({ idempotent: false }).restartable, false);
});

test('a method that no request has is refused, also when it comes past the checks of the worker', () => {
  const expected = 'expected true, false, or methods that requests have, such as GET and HEAD';
  for (const [idempotent, found] of [
    [['GET', 'GTE'], '"GTE"'],
    [['get'], '"get"'],
    [[], 'an empty list'],
  ] as const)
    assert.throws(() => readHandlerConfig({ idempotent }, settings), {
      code: 'ERR_BAD_OPTION',
      message: `the handler's config.idempotent: found ${found}, ${expected}`,
    });
});

for (const config of [
  { priority: 11 },
  { priority: 1.5 },
  { weight: 0 },
  { weight: 101 },
  { client: '{who}' },
  { priority: '{x}' },
]) {
  test(`${JSON.stringify(config)} is refused`, () => {
    assert.throws(() => readHandlerConfig(config, settings), { code: 'ERR_BAD_OPTION' });
  });
}
