export { next, stamp, total } from '../work.mjs';
