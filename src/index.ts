/**
 * A server and process pool in which no request can block another one.
 *
 * @module prefork
 */
export type { ReloadReport } from './admin/api.ts';
export type { ErrorClass } from './channel/revive.ts';
export { defineConfig } from './config/define-config.ts';
export type { Duration } from './config/duration.ts';
export type { ConfigFile, ServeOptions } from './config/serve-options.ts';
export type { CertificateFiles, LogLevel, Mode, Settings } from './config/settings.ts';
export type { Size } from './config/size.ts';
export type { ErrorCode, ErrorSide } from './errors/codes.ts';
export { PreforkError, type PreforkErrorData, type PreforkErrorOptions } from './errors/prefork-error.ts';
export { type OffloadedRoute, offload } from './offload/offload.ts';
export { OffloadError } from './offload/offload-error.ts';
export type { OffloadOptions, RouteOptions } from './offload/offload-options.ts';
export { createPool, type Pool } from './pool/create-pool.ts';
export type {
  Arguments,
  Calls,
  CanNotCross,
  FunctionName,
  Item,
  ReceivedStream,
  Result,
  StreamName,
  Streams,
} from './pool/functions.ts';
export type { Isolation, PoolOptions } from './pool/pool-options.ts';
export type { PoolStats, Times } from './pool/pool-stats.ts';
export type { CallStream } from './pool/result-stream.ts';
export type { RunOptions } from './pool/run-options.ts';
export type { CloseReport, PreforkServer } from './server/serve.ts';
export { serve } from './server/serve-on-demand.ts';
export type { AdminAddress } from './server/start-admin.ts';
export { closeOnSignals } from './server/signals.ts';
