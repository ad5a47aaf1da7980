export const GET = ({ setHeaders }) => {
  setHeaders({ 'cache-control': 'max-age=60', etag: '"a-tag"' });
  return new Response('a text with a tag');
};
