/** What the lab answers: one row a path, with what each method does. */
import type { Lab } from './lab.ts';
import { readAsk, readClose, readMode, readNothing } from './inputs.ts';
import type { Fields } from '../admin/read-body.ts';

/** @returns what was done, in a sentence */
type Order = (lab: Lab, body: Fields, subject: string) => string | Promise<string>;

const ORDERS: Readonly<Record<string, Order>> = {
  '/api/ask': (lab, body) => {
    const { mode, number, times } = readAsk(body);
    return `${count(lab.ask(mode, number, times), 'tab')} opened`;
  },
  '/api/close': (lab, body) => {
    const { mode, tab } = readClose(body);
    return `${count(lab.closeTabs(mode, tab), 'tab')} closed while loading`;
  },
  '/api/run': (lab, body) => {
    readNothing(body);
    lab.run();
    return 'the story begins';
  },
  '/api/halt': async (lab, body) => {
    readNothing(body);
    return (await lab.halt()) ? 'the story is halted' : 'no story was played';
  },
  '/api/lanes/*/kill': (lab, body, subject) => {
    readNothing(body);
    return `the primary ${lab.kill(readMode(subject))} got SIGKILL`;
  },
  '/api/lanes/*/start': async (lab, body, subject) => {
    readNothing(body);
    const mode = readMode(subject);
    await lab.start(mode);
    return `${mode} serves`;
  },
};

/** The row of a path, and the part of it that its `*` stands for. */
export function findOrder(path: string): { readonly order: Order; readonly subject: string } | undefined {
  const [, subject = '', action = ''] = /^\/api\/lanes\/([^/]+)(\/[a-z]+)$/.exec(path) ?? [];
  const pattern = action === '' ? path : `/api/lanes/*${action}`;
  const order = Object.hasOwn(ORDERS, pattern) ? ORDERS[pattern] : undefined;
  return order === undefined || path.includes('*') ? undefined : { order, subject };
}

function count(value: number, what: string): string {
  return `${value} ${what}${value === 1 ? '' : 's'}`;
}
