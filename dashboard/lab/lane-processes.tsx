import { amount, bytes, type Look, lookOf, plural } from '../data/words.ts';
import { StateMark } from '../overview/state-mark.tsx';
import type { Lane, LaneProcess, LaneWorker } from './types.ts';

const ROLES: Readonly<Record<LaneProcess['role'], string>> = {
  primary: 'the process that listens',
  worker: 'runs the code',
  sentinel: 'a shell that ends the workers, should the primary be killed',
  other: 'of another kind',
};

/** The processes of one server, as the system tells them. */
export function LaneProcesses({ lane: { mode, processes } }: { lane: Lane }) {
  if (processes === null) return <p class="empty">This system does not tell which processes there are (it has no /proc).</p>;
  const rss = processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  const cpu = processes.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  const orphans = processes.filter(({ isOrphan }) => isOrphan).length;
  return (
    <>
      <p class="process-sum">
        <strong>{plural(processes.length, 'process', 'processes')}</strong>
        <span class={orphans > 0 ? 'failure' : 'faint'}>orphans: {orphans}</span>
        {processes.length > 0 && (
          <span class="process-figures faint">
            {bytes(rss)}, {amount(cpu)} % CPU
          </span>
        )}
      </p>
      {processes.length > 0 && (
        <div class="scroller" tabIndex={0} role="region" aria-label={`Processes of ${mode}`}>
          <table class="processes">
            <thead>
              <tr>
                <th scope="col">Process</th>
                <th scope="col">CPU</th>
                <th scope="col">Memory</th>
              </tr>
            </thead>
            <tbody>
              {processes.map((process) => (
                <Row key={process.pid} process={process} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ process }: { process: LaneProcess }) {
  const { cpuPercent, rssBytes } = process;
  return (
    <tr>
      <th scope="row">
        <Name process={process} />
      </th>
      <td>
        <span class="cpu">
          {cpuPercent} %
          <svg aria-hidden="true" viewBox="0 0 100 3" preserveAspectRatio="none">
            <rect width={Math.min(100, cpuPercent)} height="3" />
          </svg>
        </span>
      </td>
      <td>{bytes(rssBytes)}</td>
    </tr>
  );
}

function Name({ process: { pid, role, workers, isOrphan } }: { process: LaneProcess }) {
  // What a worker does says that it is one.
  const isTold = role === 'worker' && workers.length > 0 && !isOrphan;
  return (
    <span class="process-name">
      <span class="process-pid faint">{pid}</span>
      <span class="process-does">
        {isTold ? (
          <span class="unseen">worker, </span>
        ) : (
          <span title={ROLES[role]}>{isOrphan ? `orphan, was ${role}` : role}</span>
        )}
        <Workers workers={workers} />
      </span>
    </span>
  );
}

/** A worker by its look; threads are so many in one process. */
function Workers({ workers }: { workers: readonly LaneWorker[] }) {
  const looks = new Map<Look, number>();
  for (const worker of workers) looks.set(lookOf(worker), (looks.get(lookOf(worker)) ?? 0) + 1);
  return (
    <>
      {[...looks].map(([look, count]) => (
        <span key={look} class={`look look-${look}`}>
          <StateMark look={look} /> {count > 1 ? `${count} ${look}` : look}
        </span>
      ))}
    </>
  );
}
