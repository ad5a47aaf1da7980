import type { Settings } from '../config/settings.ts';
import type { IncidentRecorder } from '../diagnostics/incident-recorder.ts';
import type { Exchange } from '../http/exchange.ts';
import { InlineBackend } from './inline-backend.ts';
import { loadInlineWorker } from './inline-worker.ts';
import { Interruptible } from './interruptible.ts';
import type { ModeContext } from './mode-context.ts';
import { NoControl } from './operator-control.ts';
import type { RunningMode } from './running-mode.ts';
import { serveExchanges } from './serve-exchanges.ts';

/** Mode blocking: the handler runs in the primary, and one that computes keeps everybody waiting. It is there to compare with. */
export async function startBlocking(settings: Settings, context: ModeContext): Promise<RunningMode> {
  const interruptible = new Interruptible();
  const backend = new InlineBackend(await loadInlineWorker(), settings, context.source.first.typescript, {
    callHandler: (call) => interruptible.call(call),
    onHead: () => interruptible.answered(),
    onDeadlinePassed: (exchange, incident) => recordDeadline(context.recorder, exchange, incident),
  });
  return serveExchanges(settings, backend, new NoControl('blocking'));
}

/** The primary is the worker here. */
function recordDeadline(recorder: IncidentRecorder, exchange: Exchange, incident: string): void {
  const { id, request, receivedMs, startedMs = receivedMs } = exchange;
  const { method = '', url = '' } = request;
  const worker = { id: 0, pid: process.pid, vitals: undefined, lastWords: [] };
  const route = `${method} ${url.split('?', 1)[0] ?? ''}`;
  const times = { receivedMs, startedMs, demotedMs: undefined, cpuMicrosAtStart: undefined };
  const end = { how: 'its client was answered at its deadline', status: 504, exitCode: null, signal: null };
  recorder.broken('deadline', { task: id, method, url, route, ...times, worker, incident }, end);
}
