import { revalidatePath } from 'next/cache';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';

async function send(form) {
  'use server';
  const name = String(form.get('name') ?? 'nobody');
  if (name === 'leave') redirect('/params/left');
  if (name === 'throw') throw new RangeError('secret');
  (await cookies()).set('name', name);
  revalidatePath('/form');
}

export default async function Form() {
  const name = (await cookies()).get('name')?.value ?? 'nobody';
  return (
    <form action={send}>
      <input name="name" defaultValue={name} />
      <button>send</button>
    </form>
  );
}
