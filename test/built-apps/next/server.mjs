// A server of one's own, as https://nextjs.org/docs/app/guides/custom-server has it: for a build that is not standalone.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import next from 'next';

const app = next({ dir: fileURLToPath(new URL('.', import.meta.url)) });
await app.prepare();
createServer(app.getRequestHandler()).listen(process.env.PORT ?? 3000);
