/** PM2: its cluster mode, as many processes as there are CPUs; the server is the bare one. */
const { availableParallelism } = require('node:os');
const path = require('node:path');

module.exports = {
  apps: [
    {
      name: 'prime',
      script: path.join(__dirname, '..', 'bare', 'server.mjs'),
      exec_mode: 'cluster',
      instances: availableParallelism(),
      env: { PORT: process.env.PORT },
    },
  ],
};
