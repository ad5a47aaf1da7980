import { useEffect, useState } from 'preact/hooks';
import { connection } from '../data/connection.ts';
import { getJson } from '../data/stream.ts';
import type { SettingsInForce } from '../data/types.ts';

const SOURCE_WORDS: Readonly<Record<string, string>> = {
  flag: 'flag of the command',
  option: 'option of serve()',
  environment: 'environment',
  file: 'config file',
  default: 'default',
};

export function SettingsPage() {
  const [inForce, setInForce] = useState<SettingsInForce | null>(null);
  const [isAll, setIsAll] = useState(true);
  const { is } = connection.value;
  useEffect(() => {
    // Another server may be back.
    if (is === 'live') void getJson<SettingsInForce>('/api/settings').then(setInForce);
  }, [is]);
  const rows = (inForce?.settings ?? []).filter(({ source }) => isAll || source !== 'default');
  return (
    <>
      <div class="heading">
        <h1>Settings in force</h1>
        <label>
          <input type="checkbox" checked={!isAll} onChange={({ currentTarget }) => setIsAll(!currentTarget.checked)} /> Only what
          was chosen
        </label>
      </div>
      {inForce === null ? (
        <p class="empty">Asking the server …</p>
      ) : rows.length === 0 ? (
        <p class="empty">All of them are the defaults.</p>
      ) : (
        <SettingsTable rows={rows} />
      )}
    </>
  );
}

function SettingsTable({ rows }: { rows: SettingsInForce['settings'] }) {
  return (
    <table class="settings">
      <thead>
        <tr>
          <th scope="col" class="is-text">
            Setting
          </th>
          <th scope="col" class="is-text">
            Value
          </th>
          <th scope="col" class="is-text">
            From
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value, source }) => (
          <tr key={name} class={source === 'default' ? '' : 'is-chosen'}>
            <th scope="row" class="is-text">
              <code>{name}</code>
            </th>
            <td class="is-text long-text">{String(value)}</td>
            <td class="is-text">{SOURCE_WORDS[source] ?? source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
