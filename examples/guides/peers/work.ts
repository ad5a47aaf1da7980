import { report } from 'prefork/worker';

export function sum(...numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

export function render(pages: number): string {
  for (let page = 1; page <= pages; page += 1) report(page / pages);
  return `${pages} pages`;
}

export function search(): never {
  for (;;);
}
