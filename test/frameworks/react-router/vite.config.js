import { reactRouter } from '@react-router/dev/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  // A server of the app's own shares modules with the routes if it is built with them.
  environments: { ssr: { build: { rollupOptions: { input: './server/app.ts' } } } },
  plugins: [reactRouter()],
});
