import { piece, type Piece } from './styled.ts';

/** A share from 0 to 1 as a bar of that many cells, to half a cell. What is not nothing can be seen. */
export function bar(share: number, width: number): Piece[] {
  const halves = Math.round(Math.max(0, Math.min(1, share)) * width * 2);
  const shown = share > 0.005 ? Math.max(1, halves) : halves;
  const full = '█'.repeat(Math.floor(shown / 2)) + (shown % 2 === 1 ? '▌' : '');
  return [piece(full, 'bar'), piece('·'.repeat(width - full.length), 'quiet')];
}
