import { defineEventHandler, getRequestHeader, readBody, readMultipartFormData } from 'h3';

export default defineEventHandler(async (event) => {
  const type = getRequestHeader(event, 'content-type') ?? '';
  if (type.startsWith('multipart/')) {
    const parts = await readMultipartFormData(event);
    return { parts: parts?.map(({ data, ...part }) => ({ ...part, data: data.toString('latin1') })) ?? null };
  }
  return { type, body: (await readBody(event)) ?? null };
});
