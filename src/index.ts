/** prefork: a server and process pool in which no request can block another one. */
export { defineConfig } from './config/define-config.ts';
export type { Duration } from './config/duration.ts';
export type { ConfigFile, ServeOptions } from './config/serve-options.ts';
export type { LogLevel, Mode, Settings } from './config/settings.ts';
export type { Size } from './config/size.ts';
export type { ErrorCode, ErrorSide } from './errors/codes.ts';
export { PreforkError } from './errors/prefork-error.ts';
export { type CloseReport, type PreforkServer, serve } from './server/serve.ts';
export type { AdminAddress } from './server/start-admin.ts';
export { closeOnSignals } from './server/signals.ts';
