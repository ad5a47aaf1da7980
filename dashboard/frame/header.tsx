import { route } from '../data/route.ts';
import { clock } from '../data/clock.ts';
import { incidents, state } from '../data/store.ts';
import { age, shortPath } from '../data/words.ts';
import { ReloadButton } from '../control/reload-button.tsx';
import { ScaleButton } from '../control/scale-button.tsx';
import { ConnectionMark } from './connection-mark.tsx';

export function Header() {
  return (
    <header class="top">
      <div class="top-row">
        <a class="mark" href="#/" aria-label="prefork, overview">
          prefork
        </a>
        <nav aria-label="Pages">
          <PageLink page="overview" href="#/" text="Overview" />
          <PageLink page="incidents" href="#/incidents" text="Incidents" count={incidents.value?.groups.length ?? 0} />
          <PageLink page="settings" href="#/settings" text="Settings" />
        </nav>
        <span class="top-actions">
          <ScaleButton />
          <ReloadButton />
        </span>
        <ConnectionMark />
      </div>
      <ServerLine />
    </header>
  );
}

function PageLink({ page, href, text, count = 0 }: { page: string; href: string; text: string; count?: number }) {
  return (
    <a href={href} aria-current={route.value.page === page ? 'page' : undefined}>
      {text}
      {count > 0 && <span class="count">{count}</span>}
    </a>
  );
}

function ServerLine() {
  if (state.value === null) return null;
  const { server } = state.value;
  const isWell = server.state === 'serving';
  return (
    <p class="server-line">
      <span class={`pill ${isWell ? 'is-well' : 'is-changing'}`}>{server.state}</span>
      <a href={server.url}>{server.url.replace(/^https?:\/\//, '')}</a>
      <span title={server.entry}>{shortPath(server.entry)}</span>
      <span>mode {server.mode}</span>
      <span>pid {server.pid}</span>
      <span>up {age(clock.value - Date.parse(server.startedAt))}</span>
      {server.generation > 1 && <span>code {server.generation}</span>}
      <span class="faint">
        prefork {server.version}, Node {server.node}
      </span>
    </p>
  );
}
