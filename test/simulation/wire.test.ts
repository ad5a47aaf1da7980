import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agenda } from '../../simulation/kernel/agenda.ts';
import type { Clock } from '../../simulation/kernel/clock.ts';
import { Random } from '../../simulation/kernel/random.ts';
import { Wire } from '../../simulation/machine/wire.ts';

class BareClock implements Clock {
  nowMs = 0;
  readonly #agenda = new Agenda();

  after(ms: number, happen: () => void): void {
    this.at(this.nowMs + ms, happen);
  }

  at(atMs: number, happen: () => void): void {
    this.#agenda.add(atMs, happen);
  }

  run(): void {
    while (this.#agenda.size > 0) {
      this.nowMs = this.#agenda.nextMs;
      this.#agenda.take()?.();
    }
  }
}

test('no message overtakes another one, however long each takes', () => {
  const [clock, random] = [new BareClock(), new Random('wire')];
  const received: number[] = [];
  // Most wait for one that takes long, sent at times that no sum of fractions hits twice.
  const delayMs = (): number => (random.chance(0.05) ? random.exponential(100) : random.exponential(0.1));
  const wire = new Wire<number>(clock, delayMs, (message) => received.push(message));
  for (let message = 0; message < 10_000; message += 1)
    clock.at(message * 0.1 + random.fraction() * 0.1, () => wire.send(message));
  clock.run();
  assert.deepEqual(
    received,
    Array.from({ length: 10_000 }, (_, message) => message),
  );
});

test('what is on its way is lost when the reader closes, and nothing is sent after that', () => {
  const clock = new BareClock();
  const received: string[] = [];
  const wire = new Wire<string>(
    clock,
    () => 5,
    (message) => received.push(message),
  );
  wire.send('in time');
  clock.at(3, () => wire.send('on its way'));
  clock.at(6, () => wire.close());
  clock.at(7, () => wire.send('too late'));
  clock.run();
  assert.deepEqual(received, ['in time']);
});
