import { useEffect, useRef } from 'preact/hooks';
import { drawFlame, ROW_PX } from './draw-flame.ts';
import type { Call, CallTree } from './call-tree.ts';

export interface FlameGraphProps {
  readonly tree: CallTree;
  /** Is as wide as the whole. */
  readonly zoomed: Call;
  readonly pointed: Call;
  readonly onZoom: (call: Call) => void;
  readonly onPoint: (call: Call) => void;
}

/** The calls as bars: who called above, what was called below, as wide as the time that they took. */
export function FlameGraph({ tree, zoomed, pointed, onZoom, onPoint }: FlameGraphProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = (tree.deepest + 1) * ROW_PX;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = (): void => drawFlame(element, { tree, zoomed, pointed, height });
    draw();
    const resize = new ResizeObserver(draw);
    resize.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      resize.disconnect();
      scheme.removeEventListener('change', draw);
    };
  }, [tree, zoomed, pointed, height]);
  const at = (event: MouseEvent): Call | null => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return null;
    const ms = zoomed.startMs + ((event.clientX - box.left) / box.width) * zoomed.totalMs;
    return callAt(tree, Math.floor((event.clientY - box.top) / ROW_PX), ms);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = callByKey(event.key, pointed, tree);
    if (next === null) return;
    event.preventDefault();
    onPoint(next);
    if (event.key === 'Enter' || event.key === 'Escape' || !isInside(next, zoomed)) onZoom(next);
  };
  return (
    <div class="flame-scroller">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label="Flame graph; the arrow keys lead through the calls, and the line above names each. The table below tells where the time went."
        style={{ height: `${height}px` }}
        onMouseMove={(event) => onPoint(at(event) ?? zoomed)}
        onMouseLeave={() => onPoint(zoomed)}
        onClick={(event) => onZoom(at(event) ?? tree.root)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function callAt({ root }: CallTree, depth: number, ms: number): Call | null {
  let call: Call | undefined = root;
  while (call !== undefined && call.depth < depth)
    call = call.children.find(({ startMs, totalMs }) => ms >= startMs && ms < startMs + totalMs);
  return call ?? null;
}

function callByKey(key: string, call: Call, { root }: CallTree): Call | null {
  const beside = call.parent?.children ?? [call];
  const index = beside.indexOf(call);
  switch (key) {
    case 'ArrowDown':
      return call.children[0] ?? call;
    case 'ArrowUp':
      return call.parent ?? call;
    case 'ArrowLeft':
      return beside[index - 1] ?? call;
    case 'ArrowRight':
      return beside[index + 1] ?? call;
    case 'Enter':
      return call;
    case 'Escape':
      return root;
    default:
      return null;
  }
}

function isInside(call: Call, zoomed: Call): boolean {
  return call.startMs >= zoomed.startMs && call.startMs + call.totalMs <= zoomed.startMs + zoomed.totalMs + 1e-9;
}
