import { reactRouter } from '@react-router/dev/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  // The server shares modules with the routes only if both are built together.
  environments: { ssr: { build: { rollupOptions: { input: './server/app.ts' } } } },
  plugins: [reactRouter()],
});
