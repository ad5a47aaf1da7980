import { cookies } from 'next/headers';

export async function GET() {
  const jar = await cookies();
  jar.set('a', 'b c', { httpOnly: true });
  jar.set('d', 'e', { sameSite: 'lax' });
  jar.delete('old');
  return Response.json(jar.getAll());
}
