import { type Due, DueRow, IN_ORDER } from './due-row.ts';

/** Something that waits for the turn of its client. */
export interface InTurns extends Due {
  readonly client: string;
  /** How often a turn of its client comes, beside those of others; the newest item says it for all. */
  readonly weight: number;
}

interface Client<Item extends InTurns> {
  readonly name: string;
  readonly items: DueRow<Item>;
  weight: number;
  next: Next<Item>;
}

/** The next turn of a client is due by a clock that a turn of a client of weight 1 puts forward by 1, one of weight 2 by a half. */
interface Next<Item extends InTurns> extends Due {
  readonly client: Client<Item>;
}

/**
 * Items of several clients, who take turns by their weights (stride scheduling): one client's hundred items do not hold up another's one. Whoever comes waits for as long as
 * between two of its turns; nobody saves anything up, or owes anything, when it comes back. Among the items of a client the one that is due first comes first. Constant or
 * logarithmic time for each step.
 */
export class Turns<Item extends InTurns> {
  readonly #clients = new Map<string, Client<Item>>();
  readonly #next = new DueRow<Next<Item>>();
  /** When the latest turn was due. */
  #clock = 0;
  #turn = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    return this.#next.first?.client.items.first;
  }

  /** The turns (`Due`) of those that are added count up. */
  add(item: Item): void {
    const client = this.#clients.get(item.client) ?? this.#enter(item);
    client.weight = item.weight;
    client.items.add(item);
    this.#size += 1;
  }

  /** It has to be in here. Where it was the first one its client has had its turn. */
  remove(item: Item): void {
    const client = this.#clients.get(item.client);
    if (client === undefined) return;
    const hadTurn = item === this.first;
    client.items.remove(item);
    this.#size -= 1;
    if (hadTurn) this.#clock = client.next.dueMs;
    const hasLeft = client.items.size === 0;
    if (hadTurn || hasLeft) this.#next.remove(client.next);
    if (hasLeft) this.#clients.delete(client.name);
    else if (hadTurn) this.#queue(client);
    if (this.#size === 0) this.#clock = 0;
  }

  #enter({ client: name, weight }: Item): Client<Item> {
    const client = { name, items: new DueRow<Item>(), weight } as Client<Item>;
    this.#clients.set(name, client);
    this.#queue(client);
    return client;
  }

  #queue(client: Client<Item>): void {
    const dueMs = this.#clock + 1 / client.weight;
    client.next = { client, dueMs, turn: this.#turn, place: IN_ORDER, hasLeft: false };
    this.#turn += 1;
    this.#next.add(client.next);
  }
}
