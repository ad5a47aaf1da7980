import { redirect } from '@sveltejs/kit';

export const GET = ({ url }) => redirect(url.searchParams.get('status') === '301' ? 301 : 302, url.searchParams.get('to') ?? '/who');
