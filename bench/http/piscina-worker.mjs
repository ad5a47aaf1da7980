import { move } from 'piscina';
import { answer } from './handler.mjs';

export default function answerAndMove(task) {
  const body = answer(task);
  return typeof body === 'string' ? body : move(body);
}
