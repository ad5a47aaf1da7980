export const GET = ({ cookies }) => {
  cookies.set('a', 'b c', { path: '/' });
  cookies.set('d', 'e', { path: '/', httpOnly: false });
  cookies.delete('old', { path: '/' });
  return Response.json(cookies.getAll());
};
