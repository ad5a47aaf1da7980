import { redirect } from 'next/navigation';

export function GET(request) {
  redirect(request.nextUrl.searchParams.get('to') ?? '/api/who');
}
