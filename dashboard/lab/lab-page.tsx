import { ConnectionMark } from '../frame/connection-mark.tsx';
import { ConnectionNotice } from '../frame/connection-notice.tsx';
import { TokenNotice } from '../frame/token-notice.tsx';
import { plural } from '../data/words.ts';
import { Controls } from './controls.tsx';
import { lab } from './lab-stream.ts';
import { LaneView } from './lane-view.tsx';
import { StoryView } from './story-view.tsx';

export function LabPage() {
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <LabHeader />
      <main id="main" tabIndex={-1}>
        <ConnectionNotice />
        <TokenNotice />
        <section class="lab-intro">
          <h1>One request computes. Who has to wait?</h1>
          <p>
            Five servers run the same code, each in another mode. To them 29355126551 is a minute of dividing, 7 and 13 are
            nothing. Ask for the long one, then for a short one, as in two tabs of a browser, and watch which tabs spin.
          </p>
        </section>
        {lab.value === null ? <p class="empty">Waiting for the lab to tell its state …</p> : <Experiment />}
      </main>
    </>
  );
}

/** The address keeps its form, so the link can not name the place. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

function LabHeader() {
  return (
    <header class="top">
      <div class="top-row">
        <span class="mark">
          prefork <span class="mark-page">lab</span>
        </span>
        {lab.value !== null && (
          <span class="faint">
            Node {lab.value.node.replace(/^v/, '')}, {plural(lab.value.cpus, 'CPU')}
          </span>
        )}
        <span class="top-actions">
          <ConnectionMark />
        </span>
      </div>
    </header>
  );
}

function Experiment() {
  if (lab.value === null) return null;
  const { lanes, run, mostTabs } = lab.value;
  const isPlaying = run?.is === 'running';
  return (
    <>
      <Controls run={run} lanes={lanes} mostTabs={mostTabs} />
      {run !== null && <StoryView run={run} />}
      <div class="lanes">
        {lanes.map((lane) => (
          <LaneView key={lane.mode} lane={lane} isPlaying={isPlaying} />
        ))}
      </div>
    </>
  );
}
