import { pathToFileURL } from 'node:url';
import { type BootFailure, TUNNEL_KINDS } from '../channel/messages.ts';
import { type HandlerModule, InvalidHandlerError, readHandlerModule, type Tunnels } from './handler.ts';
import { Listening } from './listening.ts';
import { toRemoteError } from './remote-error.ts';

/** A module that is ready to serve. */
export interface LoadedModule extends HandlerModule {
  readonly tunnels: Tunnels;
}

export type Loaded = { readonly ok: true; readonly module: LoadedModule } | { readonly ok: false; readonly failure: BootFailure };

/** Loads the user's module and runs its `setup()`. Never throws: what goes wrong here is an answer to the operator. */
export async function loadHandler(entry: string, typescript: string | null): Promise<Loaded> {
  const listening = new Listening();
  try {
    const module = await readHandlerModule(await importEntry(entry, typescript), listening);
    await module.setup();
    const tunnels = module.findTunnels();
    const takes = TUNNEL_KINDS.filter((kind) => tunnels[kind] !== undefined);
    const config = { ...module.config, ...(takes.length > 0 ? { takes } : {}) };
    const teardown = async (): Promise<void> => {
      await module.teardown();
      listening.end();
    };
    return { ok: true, module: { ...module, tunnels, config, teardown } };
  } catch (thrown) {
    return { ok: false, failure: toBootFailure(thrown, entry) };
  } finally {
    listening.found();
  }
}

/** @throws what the module throws while it is loaded */
export async function importEntry(entry: string, typescript: string | null): Promise<Readonly<Record<string, unknown>>> {
  return (await import(await urlToImport(entry, typescript))) as Readonly<Record<string, unknown>>;
}

async function urlToImport(entry: string, typescript: string | null): Promise<string> {
  if (typescript === null) return pathToFileURL(entry).href;
  // Only an entry that was compiled pays for what it needs.
  const { installTypeScript } = await import('./typescript.ts');
  return installTypeScript(typescript);
}

/** Names the file, since the one that is wrong may not be the one that was thought of. A stack that is ours says nothing. */
export function toBootFailure(thrown: unknown, entry: string): BootFailure {
  if (thrown instanceof InvalidHandlerError) {
    return { code: 'ERR_HANDLER_INVALID', error: { name: '', message: `${entry}: ${thrown.message}`, stack: '' } };
  }
  const { name, message, stack } = toRemoteError(thrown);
  return { code: 'ERR_HANDLER_LOAD', error: { name: '', message: `${entry}: ${name}: ${message}`, stack } };
}
