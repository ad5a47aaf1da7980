import { useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { readPasted, setToken } from '../data/token.ts';

/** Someone wanted to do something without a token. */
export const tokenIsWanted = signal(false);

export function TokenNotice() {
  const [isWrong, setIsWrong] = useState(false);
  if (!tokenIsWanted.value) return null;
  const take = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const pasted = new FormData(form).get('token');
    const found = typeof pasted === 'string' ? readPasted(pasted) : null;
    setIsWrong(found === null);
    if (found === null) return;
    setToken(found);
    tokenIsWanted.value = false;
  };
  return (
    <form class="notice is-warn" onSubmit={take}>
      <p>
        <strong>Looking is free, actions need the token.</strong> It is in the link that the server printed at its start, after{' '}
        <code>#token=</code>. Open that link, or paste it here; it is kept for this tab alone.
      </p>
      <p class="form-row">
        <label>
          Link or token{' '}
          <input name="token" type="password" autocomplete="off" spellcheck={false} aria-invalid={isWrong} required />
        </label>
        <button type="submit">Use it</button>
        <button type="button" class="quiet" onClick={() => (tokenIsWanted.value = false)}>
          Not now
        </button>
        {isWrong && <span role="alert">That is no link with a token, and no token.</span>}
      </p>
    </form>
  );
}
