export const load = ({ params }) => params;
