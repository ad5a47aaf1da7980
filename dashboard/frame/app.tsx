import { route } from '../data/route.ts';
import { state } from '../data/store.ts';
import { IncidentsPage } from '../incidents/incidents-page.tsx';
import { Overview } from '../overview/overview.tsx';
import { SettingsPage } from '../settings/settings-page.tsx';
import { WorkerPage } from '../worker/worker-page.tsx';
import { Header } from './header.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { TokenNotice } from './token-notice.tsx';

export function App() {
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <ConnectionNotice />
        <TokenNotice />
        {state.value === null ? <p class="empty">Waiting for the server to tell its state …</p> : <Page />}
      </main>
    </>
  );
}

/** The fragment names the page, so the link can not have it. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

function Page() {
  const { value } = route;
  switch (value.page) {
    case 'overview':
      return <Overview />;
    case 'worker':
      return <WorkerPage id={value.id} key={value.id} />;
    case 'incidents':
      return <IncidentsPage chosen={value.id} />;
    case 'settings':
      return <SettingsPage />;
    default:
      return null;
  }
}
