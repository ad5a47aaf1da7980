import { defineEventHandler, readRawBody } from 'h3';

export default defineEventHandler(async (event) => (await readRawBody(event, false)) ?? 'none');
