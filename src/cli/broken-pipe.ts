/**
 * Lets the process live on when who reads its output goes away, as in `prefork serve app.js | head -1`: without a listener
 * the EPIPE would end it, and the server with it. Any other error of the streams stays fatal.
 */
export function surviveBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
