import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Builds the pages into the package: the dashboard, from where the admin server sends it, and the lab, which has a server of its own. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../dist/dashboard/', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page lets no data: URL in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [page('index.html'), page('lab.html')] },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});

function page(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
