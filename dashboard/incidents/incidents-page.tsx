import { clock } from '../data/clock.ts';
import { incidents, state } from '../data/store.ts';
import type { Incident, IncidentGroup } from '../data/types.ts';
import { age, fromHome, plural } from '../data/words.ts';
import { IncidentView } from './incident-view.tsx';

/** Groups of one cause, the newest first; beside them the one that was chosen. */
export function IncidentsPage({ chosen }: { chosen: string | null }) {
  const { value } = incidents;
  if (value === null) return <p class="empty">Asking the server …</p>;
  if (value.groups.length === 0)
    return (
      <>
        <h1>Incidents</h1>
        <p class="empty">
          None. A task that is slow, hung, killed or crashed, and a worker that does not boot, would be here with its stack.
        </p>
      </>
    );
  const incident = value.incidents.find(({ id }) => id === (chosen ?? value.groups[0]?.ids[0]));
  return (
    <>
      <h1>Incidents</h1>
      <div class="sides">
        <nav aria-label="Groups of incidents">
          <ul class="groups">
            {value.groups.map((group) => (
              <GroupLink key={group.group} group={group} isChosen={group.group === incident?.group} />
            ))}
          </ul>
          {value.dropped > 0 && <p class="faint">{plural(value.dropped, 'older incident')} are no longer kept.</p>}
        </nav>
        {incident === undefined ? (
          <p class="empty">Incident {chosen} is not known: there was none, or it is no longer kept.</p>
        ) : (
          <article>
            <Siblings incident={incident} group={value.groups.find(({ group }) => group === incident.group)} />
            <IncidentView incident={incident} />
          </article>
        )}
      </div>
    </>
  );
}

function GroupLink({ group: { kind, title, count, lastAt, ids }, isChosen }: { group: IncidentGroup; isChosen: boolean }) {
  return (
    <li>
      <a href={`#/incidents/${ids[0] ?? ''}`} aria-current={isChosen ? 'true' : undefined}>
        <span class={`kind is-${kind}`}>{kind}</span>
        <span class="group-title" title={title}>
          {fromHome(title, state.value?.server.entry ?? '')}
        </span>
        <span class="faint">
          {plural(count, 'time')}, last {age(clock.value - Date.parse(lastAt))} ago
        </span>
      </a>
    </li>
  );
}

/** From one incident of a group to the next. */
function Siblings({ incident, group }: { incident: Incident; group: IncidentGroup | undefined }) {
  if (group === undefined || group.ids.length < 2) return null;
  const index = group.ids.indexOf(incident.id);
  const [newer, older] = [group.ids[index - 1], group.ids[index + 1]];
  return (
    <p class="siblings">
      {newer === undefined ? <span class="faint">newest</span> : <a href={`#/incidents/${newer}`}>newer</a>}
      <span>
        {index + 1} of {group.ids.length}
        {group.count > group.ids.length && ` kept, ${group.count} in all`}
      </span>
      {older === undefined ? <span class="faint">oldest</span> : <a href={`#/incidents/${older}`}>older</a>}
    </p>
  );
}
