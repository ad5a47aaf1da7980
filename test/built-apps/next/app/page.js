import Link from 'next/link';
import { Counter } from './counter.js';

export default function Home() {
  return (
    <main>
      <p>home</p>
      <Counter />
      <Link href="/stream">stream</Link>
    </main>
  );
}
