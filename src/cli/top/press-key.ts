import { layoutOf } from './layout.ts';
import { type Action, chosenIndex, type Effect, type Key, type Model, rowsOf, type Step } from './model.ts';
import { ORDERS } from './rows.ts';

const FILTER_CHARACTERS = 200;

/** What a key does; the same key means something else while a question is open. */
export function pressKey(model: Model, key: Key): Step {
  if (key.ctrl) return pressWithControl(model, key);
  switch (model.mode.at) {
    case 'help':
      return step(key.name === 'q' ? model : toTable(model), key.name === 'q' ? { do: 'quit' } : undefined);
    case 'filter':
      return step(editFilter(model, model.mode.before, key));
    case 'kill': {
      const { worker, pid } = model.mode;
      return step(toTable(model), key.text.toLowerCase() === 'y' ? { do: 'kill', worker, pid } : undefined);
    }
    case 'table':
      return pressInTable(model, key);
  }
}

function pressWithControl(model: Model, { name }: Key): Step {
  switch (name) {
    case 'c':
    case 'd':
      return step(model, { do: 'quit' });
    case 'z':
      return step(model, { do: 'suspend' });
    case 'l':
      return step(model, { do: 'redraw' });
    default:
      return step(model);
  }
}

function pressInTable(model: Model, key: Key): Step {
  switch (key.text) {
    case 'q':
      return step(model, { do: 'quit' });
    case '?':
    case 'h':
      return step({ ...model, mode: { at: 'help' } });
    case '/':
      return step({ ...model, mode: { at: 'filter', before: model.filter } });
    case 's':
      return step({ ...model, order: nextOrder(model), isReversed: false, chosen: null, first: 0 });
    case 'S':
      return step({ ...model, isReversed: !model.isReversed, chosen: null, first: 0 });
    case 't':
      return act(model, 'trace');
    case 'p':
      return act(model, 'profile');
    case 'k':
      return act(model, 'kill');
    case 'r':
      return act(model, 'recycle');
    default:
      return pressNamed(model, key.name);
  }
}

function pressNamed(model: Model, name: string): Step {
  const page = Math.max(1, layoutOf(model).table - 1);
  switch (name) {
    case 'up':
      return step(move(model, -1));
    case 'down':
      return step(move(model, 1));
    case 'pageup':
      return step(move(model, -page));
    case 'pagedown':
      return step(move(model, page));
    case 'home':
      return step({ ...model, chosen: null, first: 0 });
    case 'end':
      return step(move(model, Number.MAX_SAFE_INTEGER));
    case 'return':
    case 'enter':
      return act(model, 'trace');
    case 'escape':
      return step(model.details === null ? { ...model, filter: '' } : { ...model, details: null });
    default:
      return step(model);
  }
}

function step(model: Model, effect?: Effect): Step {
  return { model, effects: effect === undefined ? [] : [effect] };
}

function toTable(model: Model): Model {
  return { ...model, mode: { at: 'table' } };
}

function nextOrder({ order }: Model): Model['order'] {
  return ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length] ?? 'run';
}

function move(model: Model, by: number): Model {
  const rows = rowsOf(model);
  const index = Math.max(0, Math.min(chosenIndex(model, rows) + by, rows.length - 1));
  return { ...model, chosen: rows[index]?.id ?? null };
}

/** The row is chosen from now on: what was asked of it shall not come back to another one. */
function act(model: Model, action: Action): Step {
  const rows = rowsOf(model);
  const worker = rows[chosenIndex(model, rows)];
  if (worker === undefined || model.link.at !== 'live') return step(model);
  const { id, pid, task } = worker;
  const pinned: Model = { ...model, chosen: id };
  if (action === 'kill') {
    const what = task === null ? 'which runs nothing' : `which runs ${task.method} ${task.url}`;
    return step({ ...pinned, mode: { at: 'kill', worker: id, pid, what } });
  }
  const details = action === 'trace' ? { worker, isGone: false, look: { at: 'looking' } as const } : model.details;
  return step({ ...pinned, details }, { do: action, worker: id, pid });
}

function editFilter(model: Model, before: string, { name, text }: Key): Model {
  if (name === 'escape') return toTable({ ...model, filter: before });
  if (name === 'return' || name === 'enter') return toTable(model);
  if (name === 'backspace') return { ...model, filter: Array.from(model.filter).slice(0, -1).join('') };
  return { ...model, filter: (model.filter + text).slice(0, FILTER_CHARACTERS) };
}
