/** Something happened that must not. What it says is one sentence; whoever runs the world adds when and where. */
export class Violation extends Error {
  override readonly name: string = 'Violation';
}

/** @throws Violation */
export function must(holds: boolean, otherwise: () => string): void {
  if (!holds) throw new Violation(otherwise());
}
