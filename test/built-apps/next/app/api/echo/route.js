export async function POST(request) {
  const type = request.headers.get('content-type') ?? '';
  if (/^multipart|urlencoded/.test(type)) {
    const form = await request.formData();
    return Response.json(
      await Promise.all([...form].map(async ([key, value]) => [key, typeof value === 'string' ? value : await value.text()])),
    );
  }
  return new Response(await request.arrayBuffer(), { headers: { 'content-type': 'application/octet-stream' } });
}
