import adapter from '@sveltejs/adapter-node';

// The version is a time by default, and part of every page.
export default { kit: { adapter: adapter({ precompress: true }), version: { name: 'test' } } };
