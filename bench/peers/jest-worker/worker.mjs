export { decide } from '../prime.mjs';
