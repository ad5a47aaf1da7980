/** What all pools run, and how each answer is checked. The functions do nothing, so that what is measured is the way there and back. */

export function next(number) {
  return number + 1;
}

/** @returns the same bill with its total, which only the worker reckons */
export function total(bill) {
  return { ...bill, total: bill.lines.reduce((sum, { count, price }) => sum + count * price, 0) };
}

/** 1 MB comes and 1 MB goes: the same bytes, the first one changed. */
export function stamp(bytes) {
  bytes[0] = (bytes[0] + 1) & 0xff;
  return bytes;
}

const MEGABYTE = 1024 * 1024;

/** About 1 KB as JSON. */
function order(number) {
  return {
    id: number,
    customer: 'Ada Lovelace, 12 St James Square, London',
    placed: '2026-11-25T12:00:00.000Z',
    gift: false,
    note: 'Leave it with the neighbour at number 14 when nobody answers the door, please.',
    lines: Array.from({ length: 12 }, (_, line) => ({
      sku: `A-${1000 + line}`,
      name: 'Hexagonal bolt, steel, M8',
      count: line + 1,
      price: 7,
    })),
    total: 0,
  };
}

const TOTAL = Array.from({ length: 12 }, (_, line) => (line + 1) * 7).reduce((sum, price) => sum + price, 0);

/** Each kind of task: the argument of the task of a number, and whether its result is right. */
export const TASKS = {
  next: {
    make: (number) => number,
    isRight: (result, number) => result === number + 1,
  },
  total: {
    make: order,
    isRight: (result, number) => result.id === number && result.total === TOTAL && result.lines.length === 12,
  },
  stamp: {
    make: (number) => {
      const bytes = new Uint8Array(MEGABYTE);
      bytes[0] = number & 0xff;
      bytes[MEGABYTE - 1] = 0x5a;
      return bytes;
    },
    isRight: (result, number) =>
      result.byteLength === MEGABYTE && result[0] === ((number + 1) & 0xff) && result[MEGABYTE - 1] === 0x5a,
  },
};
