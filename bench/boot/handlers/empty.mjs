export default function handler(request, response) {
  response.end('ok');
}
