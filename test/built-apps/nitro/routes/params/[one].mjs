import { defineEventHandler, getRouterParams } from 'h3';

export default defineEventHandler((event) => getRouterParams(event, { decode: true }));
