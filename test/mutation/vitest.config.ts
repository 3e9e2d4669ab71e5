/**
 * The tests that mutants are run against: those of single modules, and of the guard and the middleware as a whole. What
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
  'test/node/middleware/*.test.ts',
  'test/values/*.test.ts',
  'test/http/*.test.ts',
  'test/integration/guard.test.ts',
  'test/integration/middleware.test.ts',
  'test/html/*.test.ts',
  'test/rewriting/cases.test.ts',
];

class AsListed extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      files.findIndex((file) => moduleId.includes(file.replace('*.test.ts', '')));
    return specifications.toSorted((a, b) => place(a) - place(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: [...files],
    // It replaces a function of Node.js before the modules are read, which here another file has read.
    exclude: ['test/signing/digests.test.ts'],
    // Random tests read the same texts for each mutant, and a tenth of them.
    env: { SEED: '1', PROPERTIES: 'short' },
    sequence: { sequencer: AsListed },
    testTimeout: 15_000,
    // One worker reads the modules once for all files. Each mutant has a worker of its own.
    isolate: false,
  },
});

export default config;
