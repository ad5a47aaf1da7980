import { defineConfig } from 'prefork';

export default defineConfig({
  queueTimeout: '5s',
  max: 8,
  maxMemory: '512MB',
  health: true,
});
