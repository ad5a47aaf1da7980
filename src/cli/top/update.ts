import type { AdminEvent, State } from '../../admin/api.ts';
import { pressKey } from './press-key.ts';
import { layoutOf } from './layout.ts';
import { chosenIndex, type Details, type Happening, type Model, rowsOf, type Step } from './model.ts';
import { remember } from './rates.ts';
import type { Tone } from './styled.ts';

const NOTICE_MS = 8000;
/** They move no row, and in mode fork there are thousands a second. */
const QUIET: ReadonlySet<Happening['event']> = new Set(['moment', 'incident', 'figures', 'tick', 'told', 'looked', 'lost']);

/** What comes of what happens. It does nothing by itself: what is to be done is in the effects. */
export function update(before: Model, happening: Happening, nowMs: number): Step {
  const model = expire({ ...before, nowMs });
  const { model: next, effects } = happen(model, happening);
  return { model: QUIET.has(happening.event) ? next : settle(before, next), effects };
}

/** Shows a text for some seconds. */
function withNotice(model: Model, text: string, tone: Tone = 'plain'): Model {
  return { ...model, notice: { text, tone, untilMs: model.nowMs + NOTICE_MS } };
}

function happen(model: Model, happening: Happening): Step {
  switch (happening.event) {
    case 'key':
      return pressKey(model, happening.key);
    case 'state':
      return only(withState(model, happening.data));
    case 'incident':
      return only({ ...model, incident: happening.data });
    case 'moment':
      return only(withMoment(model, happening.data));
    case 'figures':
      // It keeps a past of its own, of as much as it draws.
      return only(model);
    case 'lost':
      return only(lose(model, happening.why));
    case 'size':
      return { model: { ...model, size: happening.size }, effects: [{ do: 'redraw' }] };
    case 'tick':
      return only(model);
    case 'looked': {
      const { details } = model;
      // Another worker is looked at by now, or none.
      if (details === null || details.worker.id !== happening.worker) return only(model);
      return only({ ...model, details: { ...details, look: happening.look } });
    }
    case 'told':
      return only(withNotice(model, happening.text, happening.tone));
  }
}

function only(model: Model): Step {
  return { model, effects: [] };
}

function expire(model: Model): Model {
  return model.notice !== null && model.nowMs >= model.notice.untilMs ? { ...model, notice: null } : model;
}

function withState(model: Model, state: State): Model {
  const wasLost = model.link.at === 'lost';
  const next: Model = {
    ...model,
    state,
    link: { at: 'live', heardAtMs: model.nowMs },
    past: remember(model.past, state, model.nowMs),
    details: model.details === null ? null : refresh(model.details, state),
  };
  return wasLost ? withNotice(next, 'the server is back', 'good') : next;
}

function refresh(details: Details, { workers }: State): Details {
  const worker = workers.find(({ id, pid }) => id === details.worker.id && pid === details.worker.pid);
  return worker === undefined ? { ...details, isGone: true } : { ...details, worker, isGone: false };
}

/** Since when, stays what it was while one attempt after another fails. */
function lose(model: Model, why: string): Model {
  const sinceMs = model.link.at === 'lost' ? model.link.sinceMs : model.nowMs;
  return { ...model, link: { at: 'lost', why, sinceMs } };
}

type Moment = Extract<AdminEvent, { event: 'moment' }>['data'];

/** Those that tell what is wrong. The others can be seen in the state. */
function withMoment(model: Model, moment: Moment): Model {
  const worker = `worker ${shown(moment['pid'])} (w${shown(moment['worker'])})`;
  switch (moment.type) {
    case 'worker:gone':
      return moment['unexpected'] === true ? withNotice(model, `${worker} ended: ${shown(moment['reason'])}`, 'bad') : model;
    case 'worker:boot-failed':
      return withNotice(model, `${worker} did not boot: ${shown(moment['message'])}`, 'bad');
    case 'boots:paused':
      return withNotice(
        model,
        `no worker boots: ${shown(moment['failures'])} failed in a row, the next attempt comes later`,
        'bad',
      );
    case 'boots:resumed':
      return withNotice(model, 'workers boot again', 'good');
    case 'server:notice':
      return withNotice(model, shown(moment['message']), 'warning');
    default:
      return model;
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

/** Keeps the chosen row in sight. When its worker is gone, the one that is in its place is chosen. */
function settle(before: Model, model: Model): Model {
  const rows = rowsOf(model);
  let { chosen } = model;
  if (chosen !== null && chosenIndex(model, rows) === -1) {
    const old = rowsOf(before);
    const index = Math.max(0, Math.min(chosenIndex({ ...before, chosen }, old), rows.length - 1));
    // With no row at all it may come back with the next state, or without the filter.
    chosen = rows[index]?.id ?? chosen;
  }
  const index = Math.max(0, chosenIndex({ ...model, chosen }, rows));
  const { table } = layoutOf(model);
  const lowest = Math.max(0, rows.length - table);
  const first = Math.min(Math.max(model.first, index - table + 1), index, lowest);
  return { ...model, chosen, first: Math.max(0, first) };
}
