import type { ComponentChildren } from 'preact';
import { token } from '../data/token.ts';
import { tokenIsWanted } from '../frame/token-notice.tsx';

export interface ActionButtonProps {
  readonly onClick: () => void;
  readonly isBusy?: boolean;
  readonly kind?: 'plain' | 'danger' | 'primary';
  readonly children: ComponentChildren;
}

/** A button for what needs the token: without one it says so in place of failing. */
export function ActionButton({ onClick, isBusy = false, kind = 'plain', children }: ActionButtonProps) {
  const click = (): void => {
    if (token.value === null) {
      tokenIsWanted.value = true;
      scrollTo({ top: 0 });
      return;
    }
    onClick();
  };
  return (
    <button type="button" class={kind} onClick={click} disabled={isBusy} aria-busy={isBusy}>
      {children}
    </button>
  );
}
