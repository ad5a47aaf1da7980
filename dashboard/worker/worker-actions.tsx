import { useState } from 'preact/hooks';
import { ActionButton } from '../control/action-button.tsx';
import { askJson, toldOf } from '../data/ask.ts';
import type { Done } from '../data/types.ts';
import { workerPath } from '../data/worker-path.ts';
import { HeapPanel } from './heap-panel.tsx';
import { InspectorPanel } from './inspector-panel.tsx';
import { KillButton } from './kill-button.tsx';
import { ProfilePanel } from './profile-panel.tsx';
import { StackPanel } from './stack-panel.tsx';

type Panel = 'stack' | 'profile' | 'heap' | 'inspector';

const PANELS = [
  ['stack', 'Stack now'],
  ['profile', 'Profile'],
  ['heap', 'Heap snapshot'],
  ['inspector', 'Inspector'],
] as const;

/** What can be done with one worker; what was found out stays open when it is gone. */
export function WorkerActions({ id, pid, isGone }: { id: number; pid: number; isGone: boolean }) {
  const [panel, setPanel] = useState<Panel | null>(null);
  /** Counts the clicks, so that a second one on the same button asks anew. */
  const [turn, setTurn] = useState(0);
  const [told, setTold] = useState<{ readonly text: string; readonly isBad: boolean } | null>(null);
  const open = (which: Panel): void => {
    setPanel(which);
    setTurn(turn + 1);
  };
  const order = (name: 'recycle' | 'kill'): void => {
    setTold({ text: 'Asking …', isBad: false });
    askJson<Done>(workerPath(id, name)).then(
      ({ done }) => setTold({ text: done, isBad: false }),
      (error: unknown) => setTold({ text: toldOf(error), isBad: true }),
    );
  };
  return (
    <section aria-label="What can be done with it">
      <div class="actions">
        {!isGone &&
          PANELS.map(([which, text]) => (
            <ActionButton key={which} onClick={() => open(which)}>
              {text}
            </ActionButton>
          ))}
        {!isGone && <ActionButton onClick={() => order('recycle')}>Recycle</ActionButton>}
        {!isGone && <KillButton id={id} onKill={() => order('kill')} />}
      </div>
      {told !== null && (
        <p class={told.isBad ? 'failure' : 'told'} role={told.isBad ? 'alert' : 'status'}>
          {told.text}
        </p>
      )}
      {panel === 'stack' && <StackPanel key={turn} id={id} />}
      {panel === 'profile' && <ProfilePanel key={turn} id={id} pid={pid} />}
      {panel === 'heap' && <HeapPanel key={turn} id={id} pid={pid} />}
      {panel === 'inspector' && <InspectorPanel key={turn} id={id} />}
    </section>
  );
}
