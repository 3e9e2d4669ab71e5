/**
 * The tests that mutants are run against: those of single modules, of the middlewares as a whole, and short laws. What
 * starts a browser, a build or a proxy is not among them.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const files: readonly string[] = [
  'test/url/*.test.ts',
  'test/schemes/cloudflare-images/*.test.ts',
  'test/options/*.test.ts',
  'test/signing/*.test.ts',
  'test/guard/*.test.ts',
  'test/signer/*.test.ts',
  'test/endpoint/*.test.ts',
  'test/pages/*.test.ts',
  'test/node/**/*.test.ts',
  'test/web/**/*.test.ts',
  'test/values/*.test.ts',
  'test/http/*.test.ts',
  'test/caches/*.test.ts',
  'test/rewriting/*.test.ts',
  'test/html/*.test.ts',
  'test/integration/*.test.ts',
  'test/conformance/isolated/*.test.ts',
  'test/properties/**/{data,events,last-byte,live-bodies,redirects,rewriting,sign-data,texts}.test.ts',
];

const leftOut: readonly string[] = [
  'test/{integration,node,rewriting,signer,signing,values}/**/isolated/**',
  // They read the docs, which the sandbox does not have, or change functions of Node.js.
  'test/integration/monitoring.test.ts',
  'test/caches/value-cache-memory.test.ts',
  'test/node/http/{node-behaviour,stream-coders}.test.ts',
  // Each takes longer than five seconds.
  'test/integration/{encodings,other-middleware}.test.ts',
];

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: [...files],
    exclude: [...leftOut],
    // Random tests read the same texts for each mutant. Of the servers two are enough.
    env: { SEED: '1', DRIVERS: 'node:http,Hono' },
    setupFiles: 'test/support/seed.ts',
    testTimeout: 15_000,
    // One worker reads the modules once for all files. Each mutant has a worker of its own.
    isolate: false,
  },
});

export default config;
