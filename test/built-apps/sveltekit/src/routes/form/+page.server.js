import { fail, redirect } from '@sveltejs/kit';

export const actions = {
  send: async ({ request }) => {
    const form = await request.formData();
    const files = [...form.values()].filter((value) => typeof value !== 'string');
    return { fields: [...form.keys()], sizes: files.map(({ name, size, type }) => `${name} ${size} ${type}`) };
  },
  refuse: async ({ request }) => fail(422, { a: (await request.formData()).get('a'), isMissing: true }),
  leave: async ({ cookies }) => {
    cookies.set('left', 'yes', { path: '/' });
    redirect(303, '/');
  },
};
