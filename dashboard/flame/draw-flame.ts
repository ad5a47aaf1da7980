import type { Call, CallTree, Origin } from './call-tree.ts';

export const ROW_PX = 20;
/** Narrower bars are left out: a profile has thousands of them. */
const LEAST_PX = 0.6;
const TEXT_FROM_PX = 34;

export interface Drawing {
  readonly tree: CallTree;
  readonly zoomed: Call;
  readonly pointed: Call;
  readonly height: number;
}

/** Draws in the pixels of the screen, with the colours of the style as they are now. */
export function drawFlame(canvas: HTMLCanvasElement, { tree, zoomed, pointed, height }: Drawing): void {
  const context = canvas.getContext('2d');
  const width = canvas.clientWidth;
  if (context === null || width === 0) return;
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const fills: Record<Origin, string> = {
    user: colour('--flame-user'),
    dependency: colour('--flame-dependency'),
    node: colour('--flame-node'),
    prefork: colour('--flame-none'),
    none: colour('--flame-none'),
  };
  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  const perMs = zoomed.totalMs === 0 ? 0 : width / zoomed.totalMs;
  for (const call of tree.calls) {
    const from = Math.max(0, (call.startMs - zoomed.startMs) * perMs);
    const to = Math.min(width, (call.startMs + call.totalMs - zoomed.startMs) * perMs);
    if (to - from < LEAST_PX) continue;
    const top = call.depth * ROW_PX;
    context.globalAlpha = call.depth < zoomed.depth ? 0.45 : 1;
    context.fillStyle = call === pointed ? colour('--flame-pointed') : fills[call.origin];
    context.fillRect(from, top, Math.max(LEAST_PX, to - from - 1), ROW_PX - 1);
    if (to - from < TEXT_FROM_PX) continue;
    context.fillStyle = colour('--flame-text');
    context.save();
    context.beginPath();
    context.rect(from, top, to - from - 4, ROW_PX);
    context.clip();
    context.fillText(call.parent === null ? 'all' : call.name, from + 5, top + ROW_PX / 2);
    context.restore();
  }
  context.globalAlpha = 1;
}
