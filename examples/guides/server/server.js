export default async function handler(request) {
  return Response.json({ hello: new URL(request.url).pathname });
}
export const config = { deadline: '5s' };
