import { useMemo, useState } from 'preact/hooks';
import { duration, shortPath } from '../data/words.ts';
import { type Call, type CallTree, heaviest, readCallTree } from './call-tree.ts';
import { FlameGraph } from './flame-graph.tsx';

const MOST_ROWS = 15;

export interface FlameViewProps {
  /** The text of a .cpuprofile. */
  readonly profile: string;
}

/** A profile, drawn, and as a table of where the time went. */
export function FlameView({ profile }: FlameViewProps) {
  const tree = useMemo(() => readOrWhy(profile), [profile]);
  if (typeof tree === 'string')
    return (
      <p class="failure" role="alert">
        {tree}
      </p>
    );
  return <Drawn tree={tree} />;
}

function readOrWhy(profile: string): CallTree | string {
  try {
    return readCallTree(profile);
  } catch (error) {
    return `The profile can not be drawn: ${error instanceof Error ? error.message : 'it is not what was expected'}`;
  }
}

function Drawn({ tree }: { tree: CallTree }) {
  const [zoomed, setZoomed] = useState<Call>(tree.root);
  const [pointed, setPointed] = useState<Call>(tree.root);
  const share = tree.root.totalMs === 0 ? 0 : (100 * pointed.totalMs) / tree.root.totalMs;
  return (
    <div class="flame">
      <p class="flame-told" aria-live="polite">
        <b>{pointed.parent === null ? 'All that ran' : pointed.name}</b> {duration(pointed.totalMs)}
        {pointed.parent !== null && `, ${share.toFixed(1)} %, ${duration(pointed.selfMs)} of it in itself`}
        {pointed.parent === null && tree.idleMs > 0 && `; nothing ran for ${duration(tree.idleMs)}`}{' '}
        <code title={pointed.place}>{shortPath(pointed.place, 3)}</code>
      </p>
      <FlameGraph tree={tree} zoomed={zoomed} pointed={pointed} onZoom={setZoomed} onPoint={setPointed} />
      <p class="faint flame-keys">
        Click or Enter: closer. Escape: all of it. Arrows: to what it calls, what called it, and beside.
      </p>
      <HeavyTable tree={tree} />
    </div>
  );
}

function HeavyTable({ tree }: { tree: CallTree }) {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Where the time went">
      <table>
        <thead>
          <tr>
            <th scope="col" class="is-text">
              Function
            </th>
            <th scope="col">In itself</th>
            <th scope="col">In all</th>
            <th scope="col" class="is-text">
              Place
            </th>
          </tr>
        </thead>
        <tbody>
          {heaviest(tree, MOST_ROWS).map(({ name, place, origin, selfMs, totalMs }) => (
            <tr key={`${name} ${place}`}>
              <th scope="row" class="is-text">
                <i class={`swatch of-${origin}`} />
                {name}
              </th>
              <td>{duration(selfMs)}</td>
              <td>{duration(totalMs)}</td>
              <td class="is-text">
                <code title={place}>{shortPath(place, 3)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
