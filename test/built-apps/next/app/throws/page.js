export const dynamic = 'force-dynamic';

export default function Throws() {
  throw new RangeError('secret');
}
