import { decide } from '../prime.mjs';

export default decide;
