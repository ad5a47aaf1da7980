import { defineEventHandler } from 'h3';

export default defineEventHandler(() => new Response('a Response', { status: 201, headers: { 'x-own': 'a' } }));
