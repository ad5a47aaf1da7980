import { decide } from '../prime.mjs';

export default function work(job) {
  return decide(job.data);
}
