export const revalidate = 3600;

export default function Cached() {
  return <p>cached</p>;
}
