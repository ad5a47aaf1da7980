import { fileURLToPath } from 'node:url';

// What the apps have in common.
const root = fileURLToPath(new URL('..', import.meta.url));

export default {
  output: 'standalone',
  outputFileTracingRoot: root,
  turbopack: { root },
  serverExternalPackages: ['prefork'],
  typescript: { ignoreBuildErrors: true },
  generateBuildId: () => 'test',
  // Nobody builds it twice.
  experimental: { turbopackFileSystemCacheForBuild: false },
  async redirects() {
    return [{ source: '/old/:path*', destination: '/params/:path*', permanent: true }];
  },
  async headers() {
    return [
      { source: '/api/:path*', headers: [{ key: 'x-config', value: 'seen' }] },
      {
        source: '/base/:path*',
        headers: [
          { key: 'Set-Cookie', value: 'app=1' },
          { key: 'Vary', value: 'Origin' },
        ],
      },
    ];
  },
  async rewrites() {
    return [{ source: '/alias', destination: '/api/who' }];
  },
};
