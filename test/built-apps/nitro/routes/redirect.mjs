import { defineEventHandler, getQuery, sendRedirect } from 'h3';

export default defineEventHandler((event) => sendRedirect(event, getQuery(event).to ?? '/who', 302));
