import { Suspense } from 'react';
import { headers } from 'next/headers';

async function Late() {
  await new Promise((resolve) => setTimeout(resolve, 10));
  return <p>late</p>;
}

export default async function Stream({ searchParams }) {
  const { a } = await searchParams;
  const from = (await headers()).get('x-from-proxy');
  return (
    <main>
      <p>
        {from} {a}
      </p>
      <Suspense fallback={<p>waiting</p>}>
        <Late />
      </Suspense>
    </main>
  );
}
