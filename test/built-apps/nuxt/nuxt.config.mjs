export default {
  compatibilityDate: '2025-07-01',
  telemetry: false,
  devtools: { enabled: false },
  nitro: { preset: 'node-server', minify: false, sourceMap: false, compressPublicAssets: true },
  routeRules: {
    '/ruled/**': { headers: { 'x-rule': 'a' }, cors: true },
    '/old': { redirect: { to: '/who', statusCode: 308 } },
  },
};
