/** VitePress reads this file by itself, beside `.vitepress/config.ts`. */
import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';

const cryptoOfThePlayground = new URL('.vitepress/theme/playground/runtime/crypto.ts', import.meta.url);

const config: UserConfig = {
  // The playground runs the package in the browser.
  resolve: { alias: { 'node:crypto': fileURLToPath(cryptoOfThePlayground) } },
  // With private methods. What esbuild writes in their place for older browsers takes twice the time.
  // The largest file is the index of the search, which a browser loads when somebody searches.
  build: { target: 'es2022', chunkSizeWarningLimit: 1000 },
};

export default config;
