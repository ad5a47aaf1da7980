import { Session } from 'node:inspector';
import { Interruptions } from '../channel/interruptions.ts';
import type { InspectedThread } from '../channel/observation.ts';
import { threadFacts } from './thread-facts.ts';

/** The data socket, stdout and stderr. */
const OWN_RESOURCES = { PipeWrap: 3 };
/** The same, the channel of node:cluster and the socket that listens. */
const OWN_RESOURCES_IN_CLUSTER = { PipeWrap: 4, TCPSocketWrap: 1 };

/**
 * The main thread of this process, as a watchdog reaches it. The session is one inside of the process: no port is opened. What is
 * posted is carried out between two instructions of JavaScript, or when the event loop turns.
 */
export function inspectMainThread(isOfCluster: boolean): InspectedThread {
  const session = new Session();
  session.connectToMainThread();
  const interruptions = new Interruptions();
  return {
    hasInspector: true,
    ownResources: isOfCluster ? OWN_RESOURCES_IN_CLUSTER : OWN_RESOURCES,
    post: (method, params = {}) =>
      new Promise((resolve, reject) => {
        session.post(method, params, (error, result?: object) => {
          interruptions.keep(() => {
            // It is no Error: { code, message } as the protocol has it.
            if (error === null) resolve((result ?? {}) as Record<string, unknown>);
            else reject(new Error(`${method}: ${error.message}`));
          });
        });
      }),
    on(event, listener) {
      session.on(event, (message: { readonly params?: Record<string, unknown> }) => {
        interruptions.keep(() => listener(message.params ?? {}));
      });
    },
    disconnect: () => session.disconnect(),
    // Linux: the main thread bears the number of its process.
    facts: () => threadFacts(process.pid),
  };
}
