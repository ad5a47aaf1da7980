export default async function Params({ params }) {
  return <p>{(await params).one}</p>;
}
