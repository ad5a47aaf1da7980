/** Figures as a person reads them, in few characters and with their unit. */
const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

/** Such as `7ms`, `350ms`, `4.2s`, `1m05s`, `3h12m`, `2d03h`. */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${twoDigits(whole % 60)}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}d${twoDigits(hours % 24)}h`;
}

/** Such as `512KB`, `48MB`, `1.3GB`; 1 KB is 1,024 bytes. */
export function shortBytes(bytes: number): string {
  if (bytes < MB) return `${Math.round(bytes / KB)}KB`;
  if (bytes < GB) return `${Math.round(bytes / MB)}MB`;
  return `${(bytes / GB).toFixed(1)}GB`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
