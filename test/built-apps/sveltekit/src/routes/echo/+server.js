export const POST = async ({ request }) => {
  const type = request.headers.get('content-type') ?? '';
  if (/^multipart|urlencoded/.test(type)) {
    const form = await request.formData();
    const told = await Promise.all([...form].map(async ([key, value]) => [key, typeof value === 'string' ? value : await value.text()]));
    return Response.json(told);
  }
  return new Response(await request.arrayBuffer(), { headers: { 'content-type': 'application/octet-stream' } });
};
