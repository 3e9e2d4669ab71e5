/**
 * Which test files the matrix leaves out on which Node.js. A file that is not named here runs on every version, so a
 * new one does too. `npm run test:full` runs all of them at full length on one version.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Laws that concern Node.js itself: its streams, its `http` and its memory. All others are about strings. */
const lawsOfNode = ['encodings', 'handlers', 'interception', 'last-byte', 'live-bodies', 'redirects'];
const lawsOfV8 = ['events', 'guard', 'memory', 'viewers'];

/**
 * These read files of this repository, ask Chromium, try the examples, count the steps of plain JavaScript, or are laws about
 * strings: the version of Node.js cannot change their result, and the oldest one runs them at full length.
 */
const onNoFurtherVersion = (laws: readonly string[]): string[] => [
  ...['architecture', 'contributing', 'figures', 'readme', 'docs', 'docs-code', 'reference', 'errors-page'],
  ...['site', 'matrix', 'client', 'gallery', 'examples', 'tools/testing', 'options', 'validation'],
  ...['simd/module', 'frameworks/recipes', 'proxies/docs', 'schemes/docs', 'soak/soak', 'values/css'],
  ...['charset-browser', 'events-browser', 'link-browser', 'linear'].map((name) => `rewriting/${name}`),
  ...['signer/unsign-text-linear', 'tools/diagnosis/page-work'],
  ...['documentation', 'registered-variants', 'workflows'].map((name) => `package/${name}`),
  ...laws.filter((law) => ![...lawsOfNode, ...lawsOfV8].includes(law)).map((law) => `properties/${law}`),
];

/**
 * These are about bytes, strings and numbers in plain JavaScript and WebAssembly, about packages in a folder, about limits, or
 * about packages beside ours: what could differ is V8, `URL`, `TextDecoder`, npm, or what these packages know of Node.js. The oldest version runs them in `npm run test:full`, the newest one here.
 */
const onNewestVersion = [
  ...['html', 'http', 'values', 'url', 'text', 'tools/diagnosis', 'caches', 'rewriting', 'signer', 'schemes'],
  ...['simd', 'package', 'guard', 'endpoint/request'],
  ...['always-public', 'explain', 'sign', 'usage', 'verify'].map((name) => `tools/cli/${name}`),
  ...['encoded-bounds', 'express-worker', 'hono-apps', 'injectors'].map((name) => `integration/${name}`),
  ...['open-encoded-fetch', 'open-encoded-pages', 'other-middleware'].map((name) => `integration/${name}`),
  'integration/template-engines',
  ...lawsOfV8.map((law) => `properties/${law}`),
];

/**
 * @returns what vitest is to exclude
 * @throws for a name that no file has any more: the matrix would run more than it says
 */
export function excludedFrom(root: string, isNewest: boolean): string[] {
  const laws = readdirSync(join(root, 'test/properties')).map((file) => file.replace('.test.ts', ''));
  const [alike, newest] = [onNoFurtherVersion(laws), onNewestVersion].map((names) =>
    names.map((name) => {
      const found = [`test/${name}.test.ts`, `test/${name}`].find((path) => existsSync(join(root, path)));
      if (found === undefined) throw new Error(`test/matrix/selection.ts: there is no ${name}`);
      return found.endsWith('.ts') ? found : `${found}/**`;
    }),
  ) as [string[], string[]];
  return isNewest ? alike : [...alike, ...newest];
}
