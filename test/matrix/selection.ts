/**
 * Which test files the matrix leaves out on which Node.js. A file that is not named here runs on every version, so a
 * new one does too. `npm run test:full` runs all of them at full length on one version.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * These read files of this repository, ask Chromium, try the examples, count the steps of plain JavaScript, or are laws about
 * strings: the version of Node.js cannot change their result, and the oldest one runs them at full length.
 */
const onNoFurtherVersion = [
  'test/architecture',
  'test/contributing.test.ts',
  'test/figures.test.ts',
  'test/readme.test.ts',
  'test/docs.test.ts',
  'test/docs-code.test.ts',
  'test/reference.test.ts',
  'test/site',
  'test/simd/module.test.ts',
  'test/errors-page.test.ts',
  'test/frameworks/recipes.test.ts',
  'test/proxies/docs.test.ts',
  'test/matrix',
  'test/client',
  'test/gallery',
  'test/examples',
  'test/soak/soak.test.ts',
  'test/rewriting/charset-browser.test.ts',
  'test/rewriting/events-browser.test.ts',
  'test/rewriting/link-browser.test.ts',
  'test/rewriting/linear.test.ts',
  'test/signer/unsign-text-linear.test.ts',
  'test/tools/diagnosis/page-work.test.ts',
  'test/tools/testing',
  'test/options',
  'test/validation',
  'test/values/css.test.ts',
  'test/properties/budgets.test.ts',
  'test/properties/cache.test.ts',
  'test/properties/data.test.ts',
  'test/properties/diagnosis.test.ts',
  'test/properties/exceptions.test.ts',
  'test/properties/history.test.ts',
  'test/properties/markdown.test.ts',
  'test/properties/markdown-reader.test.ts',
  'test/properties/names-browser.test.ts',
  'test/properties/old-tokens.test.ts',
  'test/properties/oracle.test.ts',
  'test/properties/pages-in-turn.test.ts',
  'test/properties/pasted-keys.test.ts',
  'test/properties/pasted-scheme-keys.test.ts',
  'test/properties/readings.test.ts',
  'test/properties/schemes.test.ts',
  'test/properties/sign-data.test.ts',
  'test/properties/texts.test.ts',
  'test/properties/tree.test.ts',
  'test/properties/tree-browser.test.ts',
  'test/properties/unsign-text.test.ts',
  'test/package/documentation.test.ts',
  'test/package/registered-variants.test.ts',
  'test/package/workflows.test.ts',
  'test/schemes/docs.test.ts',
];

/**
 * These are about bytes, strings and numbers in plain JavaScript and WebAssembly, about packages in a folder, about limits, or
 * about packages beside ours: what could differ is V8, `URL`, `TextDecoder`, npm, or what these packages know of Node.js. The oldest version runs them in `npm run test:full`, the newest one here.
 */
const onNewestVersion = [
  'test/html',
  'test/http',
  'test/values',
  'test/url',
  'test/text',
  'test/tools/cli/always-public.test.ts',
  'test/tools/cli/explain.test.ts',
  'test/tools/cli/sign.test.ts',
  'test/tools/cli/usage.test.ts',
  'test/tools/cli/verify.test.ts',
  'test/tools/diagnosis',
  'test/caches',
  'test/rewriting',
  'test/signer',
  'test/schemes',
  'test/simd',
  'test/package',
  'test/endpoint/request.test.ts',
  'test/guard',
  'test/integration/encoded-bounds.test.ts',
  'test/integration/express-worker.test.ts',
  'test/integration/hono-apps.test.ts',
  'test/integration/injectors.test.ts',
  'test/integration/open-encoded-fetch.test.ts',
  'test/integration/open-encoded-pages.test.ts',
  'test/integration/other-middleware.test.ts',
  'test/integration/template-engines.test.ts',
  'test/properties/events.test.ts',
  'test/properties/guard.test.ts',
  'test/properties/memory.test.ts',
  'test/properties/viewers.test.ts',
];

/**
 * @returns what vitest is to exclude
 * @throws for a name that no file has any more: the matrix would run more than it says
 */
export function excludedFrom(root: string, isNewest: boolean): string[] {
  for (const name of [...onNoFurtherVersion, ...onNewestVersion])
    if (!existsSync(join(root, name))) throw new Error(`test/matrix/selection.ts: there is no ${name}`);
  const names = isNewest ? onNoFurtherVersion : [...onNoFurtherVersion, ...onNewestVersion];
  return names.map((name) => (name.endsWith('.ts') ? name : `${name}/**`));
}
