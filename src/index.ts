/** prefork: a server and process pool in which no request can block another one. */
export { defineConfig } from './config/define-config.ts';
export type { Duration } from './config/duration.ts';
export type { ConfigFile, ServeOptions } from './config/serve-options.ts';
export type { LogLevel, Mode, Settings } from './config/settings.ts';
export type { Size } from './config/size.ts';
export type { ErrorCode, ErrorSide } from './errors/codes.ts';
export { PreforkError } from './errors/prefork-error.ts';
export { type OffloadedRoute, offload } from './offload/offload.ts';
export { OffloadError } from './offload/offload-error.ts';
export type { OffloadOptions, RouteOptions } from './offload/offload-options.ts';
export { createPool, type Pool } from './pool/create-pool.ts';
export type { Arguments, Calls, CanNotCross, FunctionName, Result } from './pool/functions.ts';
export type { ErrorClass, Isolation, PoolOptions } from './pool/pool-options.ts';
export type { PoolStats, Times } from './pool/pool-stats.ts';
export type { RunOptions } from './pool/run-options.ts';
export { type CloseReport, type PreforkServer, serve } from './server/serve.ts';
export type { AdminAddress } from './server/start-admin.ts';
export { closeOnSignals } from './server/signals.ts';
