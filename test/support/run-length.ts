/**
 * How much of the tests a run takes: `npm test` is the quick run, and `npm run test:full` is everything. The matrix takes of
 * what is alike no more than the quick run, and `matrix/selection.ts` says which files.
 */

/** Whether this is the matrix: a Node.js that is newer than that of the full run. */
export const isMatrix: boolean = process.env['TEST_RUN'] === 'matrix';

/** Whether this is `npm test`, or the matrix. */
export const isQuickRun: boolean = process.env['TEST_RUN'] === 'quick' || isMatrix;

/** Whether random tests are short: in the quick run, and on each further Node.js of the matrix. */
export const isShort: boolean = process.env['PROPERTIES'] === 'short';

/** Whether random tests take a third of their cases: where one seed is always the same, more would be the same each time. */
export const isThird: boolean = process.env['PROPERTIES'] === 'third';

/** Whether this is the weekly run: random tests are long, and nothing is left out. */
export const isLong: boolean = process.env['PROPERTIES'] === 'long';

/** Test files that the quick run leaves out. What they hold is covered there in short by others, or belongs to the full run alone. */
export const leftOutOfQuickRun: readonly string[] = [
  // In Chromium: `gallery/browser` is walked.
  'test/site/browser.test.ts',
  'test/gallery/accessibility.test.ts',
  'test/gallery/refusals.test.ts',
  'test/gallery/cloudflare.test.ts',
  'test/examples/worker-browser.test.ts',
  'test/rewriting/link-browser.test.ts',
  'test/rewriting/charset-browser.test.ts',
  'test/rewriting/events-browser.test.ts',
  'test/properties/tree-browser.test.ts',
  'test/properties/names-browser.test.ts',
  // They build the docs site, compile its scripts, or start examples: `gallery` has the example of the README.
  'test/site/search.test.ts',
  'test/site/site.test.ts',
  'test/site/guides.test.ts',
  'test/examples/bucket.test.ts',
  'test/examples/koa.test.ts',
  'test/examples/proxy.test.ts',
  'test/examples/worker.test.ts',
  'test/examples/worker-start.test.ts',
  'test/gallery/hostile.test.ts',
  'test/gallery/process.test.ts',
  // In workerd: `conformance/conformance` runs the same over fetch in Node.js.
  'test/conformance/workers.test.ts',
  'test/integration/express-worker.test.ts',
  'test/integration/hono-cache.test.ts',
  // Of the tarball `package/tarball` takes a part.
  'test/package/client.test.ts',
  'test/package/linters/linters.test.ts',
  'test/package/command.test.ts',
  'test/package/documentation.test.ts',
  'test/package/registered-variants.test.ts',
  // Each compiles what a page of the docs shows.
  'test/docs-code.test.ts',
  'test/tools/testing/own-scheme-docs.test.ts',
  'test/schemes/docs.test.ts',
  // Half a minute of load, and limits that take hundreds of open pages, or pages of thousands of wrong tokens.
  'test/soak/soak.test.ts',
  'test/integration/encoded-bounds.test.ts',
  'test/integration/open-encoded-fetch.test.ts',
  'test/integration/open-encoded-pages.test.ts',
  'test/tools/diagnosis/page-work.test.ts',
];

/**
 * In the quick run every `count`th of what is alike.
 * @param turn - which of them comes first: with another one, it is others that are left out
 */
export function shareOf<Item>(all: readonly Item[], count: number, turn: number): readonly Item[] {
  return isQuickRun ? all.filter((_, index) => (index + turn) % count === 0) : all;
}

/**
 * In the full run every `count`th of what is nearly alike, and in the weekly one all.
 * @param turn - as for `shareOf`
 */
export function partOf<Item>(all: readonly Item[], count: number, turn: number): readonly Item[] {
  return isQuickRun || isLong ? all : all.filter((_, index) => (index + turn) % count === 0);
}

/** In the quick run some of what is alike: the first of them. */
export function someOf<Item>(all: readonly Item[], count = 1): readonly Item[] {
  return isQuickRun ? all.slice(0, count) : all;
}
