import { type Due, DueRow } from './due-row.ts';

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
  /** What it has saved up; the richest client is next, and pays for its turn. */
  credit: number;
}

/**
 * Items of several clients, who take turns by smooth weighted round robin: one client's hundred items do not hold up another's one. Among the items of a
 * client the one that is due first comes first. Constant or logarithmic time for each step, and a look at each client that waits for each turn.
 */
export class Turns<Item extends InTurns> {
  readonly #clients = new Map<string, Client<Item>>();
  #next: Client<Item> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** It is the one until it is removed, or one of the same client is added that is due before it. */
  get first(): Item | undefined {
    this.#next ??= this.#richest();
    return this.#next?.items.first;
  }

  /** The turns (`Due`) of those that are added count up. */
  add(item: Item): void {
    const client = this.#clients.get(item.client) ?? this.#enter(item.client);
    client.weight = item.weight;
    client.items.add(item);
    this.#size += 1;
  }

  /** It has to be in here. Where it was the first one its client has had its turn. */
  remove(item: Item): void {
    const client = this.#clients.get(item.client);
    if (client === undefined) return;
    if (client === this.#next && client.items.first === item) this.#next = undefined;
    client.items.remove(item);
    this.#size -= 1;
    if (client.items.size > 0) return;
    // A client that left has no claims when it comes back; the memory of it would grow with the number of clients.
    this.#clients.delete(client.name);
    if (client === this.#next) this.#next = undefined;
  }

  #enter(name: string): Client<Item> {
    const client: Client<Item> = { name, items: new DueRow(), weight: 1, credit: 0 };
    this.#clients.set(name, client);
    return client;
  }

  #richest(): Client<Item> | undefined {
    let total = 0;
    let richest: Client<Item> | undefined;
    for (const client of this.#clients.values()) {
      total += client.weight;
      client.credit += client.weight;
      if (richest === undefined || client.credit > richest.credit) richest = client;
    }
    if (richest !== undefined) richest.credit -= total;
    return richest;
  }
}
