export const load = ({ locals, url }) => ({ user: locals.user, a: url.searchParams.get('a') });
