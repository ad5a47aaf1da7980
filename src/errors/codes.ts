/**
 * Every error that prefork itself raises, as data: one row a code. `docs/reference/errors.md` shows the same table, and a
 * test keeps the two equal.
 *
 * `side` says whose doing it was: the primary's, the worker's, the handler's, the client's, or the operator's (a wrong option).
 * The HTTP status of a code, where it has one, is decided in `http/problem.ts` alone.
 */
export const ERRORS = {
  ERR_BAD_REQUEST: { side: 'client', cause: 'the request breaks HTTP (RFC 9110, RFC 9112)' },
  ERR_REQUEST_TIMEOUT: { side: 'client', cause: 'the client took too long to send its headers' },
  ERR_HEADERS_TOO_LARGE: { side: 'client', cause: 'the request headers are larger than the limit' },
  ERR_BODY_TOO_LARGE: { side: 'client', cause: 'the request body is larger than --max-body' },
  ERR_EXPECTATION_FAILED: { side: 'client', cause: 'the request expects something other than 100-continue' },
  ERR_CLIENT_GONE: { side: 'client', cause: 'the client closed its connection before the answer was complete' },
  ERR_QUEUE_FULL: {
    side: 'primary',
    cause: 'as many tasks wait as --queue allows, or as end within half a second on CPUs that are all busy',
  },
  ERR_QUEUE_TIMEOUT: { side: 'primary', cause: 'the task waited longer than --queue-timeout for a worker' },
  ERR_LONG_LANE_FULL: { side: 'primary', cause: 'tasks of this kind take long, and no more of them can run now' },
  ERR_NO_WORKER: { side: 'primary', cause: 'no worker runs, and new ones fail to boot' },
  ERR_SHUTTING_DOWN: { side: 'primary', cause: 'the server is ending' },
  ERR_DEADLINE: { side: 'handler', cause: 'the task ran longer than its deadline' },
  ERR_HANDLER_THREW: { side: 'handler', cause: 'the handler threw, or its promise was rejected' },
  ERR_HANDLER_RESPONSE: { side: 'handler', cause: 'the handler answered with something that is no valid HTTP response' },
  ERR_WORKER_DIED: { side: 'worker', cause: 'the worker ended while it ran the task' },
  ERR_WORKER_PROTOCOL: { side: 'worker', cause: 'the worker broke the channel protocol and was ended' },
  ERR_BAD_OPTION: { side: 'operator', cause: 'an option, flag, environment variable or config file entry makes no sense' },
  ERR_ENTRY_NOT_FOUND: { side: 'operator', cause: 'the entry file does not exist or is no file' },
  ERR_HANDLER_LOAD: { side: 'operator', cause: 'the entry module threw while it was loaded or set up' },
  ERR_HANDLER_INVALID: { side: 'operator', cause: 'the entry module exports no handler' },
  ERR_BOOT_EXIT: { side: 'worker', cause: 'the worker ended before it was ready' },
  ERR_BOOT_TIMEOUT: { side: 'worker', cause: 'the worker was not ready within --boot-timeout' },
  ERR_SPAWN: { side: 'primary', cause: 'the operating system refused to start a process' },
  ERR_PORT_IN_USE: { side: 'operator', cause: 'another process listens on the port' },
  ERR_RELOAD: { side: 'operator', cause: 'the new code does not boot; the old goes on serving' },
  ERR_NO_SUCH_WORKER: { side: 'operator', cause: 'no worker has this pid or id' },
  ERR_NOT_SUPPORTED: { side: 'operator', cause: 'this mode, or a worker of this kind, can not do it' },
  ERR_OBSERVE: { side: 'worker', cause: 'the worker did not let itself be looked at' },
  ERR_NO_SERVER: { side: 'operator', cause: 'no server was found, or more than one' },
  ERR_ADMIN: { side: 'operator', cause: 'the admin API refused the request, or could not be reached' },
  ERR_NOT_CLONEABLE: { side: 'handler', cause: 'a value can not be copied to another process' },
  ERR_NO_SUCH_FUNCTION: { side: 'operator', cause: 'the module of a pool exports no function of this name' },
  ERR_NO_STREAM: { side: 'handler', cause: 'a function that was called by pool.stream returned no stream' },
  ERR_TOO_LARGE: { side: 'handler', cause: 'a value that crosses in one piece is larger than a frame of the channel (1 MB)' },
  ERR_BODY_READ: {
    side: 'operator',
    cause: 'the app has read the body of a request that it offloads, and nothing is left of it',
  },
  ERR_LISTEN: { side: 'operator', cause: 'the server could not listen on the host and port' },
} as const satisfies Record<string, { side: ErrorSide; cause: string }>;

/**
 * Whose doing an error was: the `client`'s who sent the request, the `handler`'s (your module, at run time), the `worker`'s that runs it, the `primary`'s (prefork
 * itself, or the machine), or the `operator`'s (options, files, ports).
 */
export type ErrorSide = 'client' | 'primary' | 'worker' | 'handler' | 'operator';
/** The closed list of codes. A code is never given another meaning; what each one means is in docs/reference/errors.md. */
export type ErrorCode = Extract<keyof typeof ERRORS, string>;
