export function GET(request) {
  throw new RangeError(`secret ${request.url}`);
}
