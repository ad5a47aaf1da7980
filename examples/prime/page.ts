import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #566173; --line: #d9dfe7; --paper: #fbfcfd; --card: #fff; --accent: #0b63c5; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9ba7b7; --line: #2c3542; --paper: #12161c; --card: #1a2029; --accent: #7db7ff; --on-accent: #0b1420; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: clamp(1.5rem, 6vw, 4rem) 1.25rem; background: var(--paper); color: var(--ink); font: 1.05rem/1.6 system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.9rem, 5vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em; }
h2 { margin: 2.25rem 0 .5rem; font-size: 1.15rem; }
p { margin: .5rem 0; }
.soft { color: var(--soft); }
a { color: var(--accent); }
code { font: .92em ui-monospace, monospace; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: 1.5rem 0 1rem; padding: 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
label { flex: 1 1 14rem; font-size: .9rem; color: var(--soft); }
input { display: block; width: 100%; margin-top: .3rem; padding: .55rem .7rem; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: .45rem; }
button { padding: .55rem 1.2rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .45rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { margin: .75rem 0; border-top: 1px solid var(--line); }
dl div { display: grid; grid-template-columns: 6.5rem 1fr; gap: .75rem; padding: .65rem 0; border-bottom: 1px solid var(--line); }
dt { font-weight: 600; }
dd { margin: 0; }
@media (max-width: 30rem) { dl div { grid-template-columns: 1fr; gap: .1rem; } }
`;

/** Nothing but this very style sheet, and a form that leads back here; the style is allowed by its hash, not by `unsafe-inline`. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  // The empty icon below keeps browsers from asking for /favicon.ico.
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at `/`: what to type, and what to look for in each mode. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Is it prime?</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Is it prime?</h1>
<p>This server divides a number by every integer from 2 up to the number itself. It is slow on purpose: the question is what happens to everybody else meanwhile.</p>
<form action="/" method="get">
<label>A whole number from 0 to 9007199254740991
<input name="number" inputmode="numeric" pattern="[0-9]+" maxlength="16" value="7" required autocomplete="off"></label>
<button>Decide</button>
</form>
<h2>Try this</h2>
<p>1. Open <a href="/?number=29355126551" target="_blank" rel="noopener">/?number=29355126551</a> in a new tab. It is prime, and to find that out takes half a minute to a minute.</p>
<p>2. While it runs, open <a href="/?number=7" target="_blank" rel="noopener">/?number=7</a>, and reload it a few times. Is it there at once?</p>
<p class="soft">The answer tells how long the division took (<code>ms</code>) and which process did it (<code>pid</code>). A browser opens only about six connections to one server and may hold back a second request for the same address, so use <code>curl</code> for more long ones at a time.</p>
<h2>What to watch for, by <code>--mode</code></h2>
<dl>
<div><dt>blocking</dt><dd>The 7 waits for the long one to end, and so does this page. That is plain Node.</dd></div>
<div><dt>fork</dt><dd>The 7 comes at once, with a new <code>pid</code> each time: a fresh process for each request.</dd></div>
<div><dt>pool</dt><dd>The 7 comes at once, and a <code>pid</code> comes back: processes are used again. The default.</dd></div>
<div><dt>thread</dt><dd>The 7 comes at once, always with the same <code>pid</code>: the workers are threads of one process.</dd></div>
<div><dt>cluster</dt><dd>The 7 comes at once from another worker; a request that lands on the busy one has to wait.</dd></div>
</dl>
<p class="soft">Close the long tab before it is done, and its process ends or is free again within a second: nobody waits for it.</p>
</main>
</body>
</html>
`;
