import { Hono } from 'hono';

/** Two routes of the app, which share these workers. */
const heavy = new Hono();
heavy.get('/export', (c) => c.text('an export'));
heavy.get('/forever', () => {
  for (;;);
});
export default heavy;
