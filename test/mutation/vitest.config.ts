/**
 * The tests that mutants are run against: those of single modules, of the middlewares as a whole, and short laws. What
 * starts a browser, a build or a proxy is not among them.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The first that fails ends the run of a mutant, so the fast ones come first. */
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
  'test/conformance/*.test.ts',
  'test/properties/{data,events,handlers,last-byte,live-bodies,redirects,rewriting,sign-data,texts}.test.ts',
];

const leftOut: readonly string[] = [
  // They change the process, or functions of Node.js before the modules are read, which here another file has read.
  'test/signing/{digests,hmac}.test.ts',
  'test/caches/value-cache-memory.test.ts',
  'test/node/http/{node-behaviour,stream-coders}.test.ts',
  'test/integration/{fetch-fast-paths,lists-of-headers,mounted-apps,unusual}.test.ts',
  // They count steps with V8's optimizer off.
  'test/{rewriting/linear,signer/unsign-text-linear}.test.ts',
  'test/{values/multipart,values/event-stream,rewriting/json-bodies}.test.ts',
  // It reads the docs, which the sandbox does not have.
  'test/integration/monitoring.test.ts',
  // A browser, or a Worker that is built.
  'test/**/*-browser.test.ts',
  'test/integration/{express-worker,hono-cache}.test.ts',
  // Each takes longer than five seconds.
  'test/integration/{encoded-bounds,encodings,open-encoded-fetch,open-encoded-pages,other-middleware}.test.ts',
];

class AsListed extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      files.findIndex((file) => moduleId.includes(file.slice(0, file.search(/[*{]/))));
    return specifications.toSorted((a, b) => place(a) - place(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: [...files],
    exclude: [...leftOut],
    // Random tests read the same texts for each mutant, and a tenth of them. Of the servers two are enough.
    env: { SEED: '1', PROPERTIES: 'short', DRIVERS: 'node:http,Hono' },
    sequence: { sequencer: AsListed },
    testTimeout: 15_000,
    // One worker reads the modules once for all files. Each mutant has a worker of its own.
    isolate: false,
  },
});

export default config;
