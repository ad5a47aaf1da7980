export default {
  preset: 'node-server',
  compatibilityDate: '2025-07-01',
  minify: false,
  sourceMap: false,
  compressPublicAssets: true,
  routeRules: {
    '/ruled/**': { headers: { 'x-rule': 'a' }, cors: true },
    '/old': { redirect: { to: '/who', statusCode: 308 } },
  },
};
