/**
 * Who sends files looks at `Range` at another moment each: a part of a page goes out as a part, or the page as a whole,
 * but never a part as the whole. With the real webpack-dev-middleware, `express.static` and `koa-send`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sendFile from 'koa-send';
import { createFsFromVolume, Volume } from 'memfs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack, { type Compiler } from 'webpack';
import devMiddleware from 'webpack-dev-middleware';
import { type RawResponse, send } from '../support/http/raw.ts';
import { ours } from '../support/http/wire.ts';
import { countTokens, withoutTokens } from '../support/samples.ts';
import { expresses, page } from '../support/servers/express-site.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';
import { koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const script = 'void 0;';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  writeFileSync(join(folder, 'entry.js'), script);
  writeFileSync(join(folder, 'index.html'), page);
});
afterAll(() => rmSync(folder, { recursive: true }));

type DevOptions = NonNullable<Parameters<typeof devMiddleware>[1]>;

/** Emits the page beside the script, as the plugins do that make pages. */
function emitPage(compiler: Compiler): void {
  compiler.hooks.thisCompilation.tap('page', (compilation) => {
    compilation.hooks.processAssets.tap('page', () =>
      compilation.emitAsset('index.html', new webpack.sources.RawSource(page)),
    );
  });
}

/** @returns the middleware, once it has compiled, and what closes it */
async function startDevServer(options: DevOptions): Promise<{ files: Files; close(): Promise<void> }> {
  const compiler = webpack({
    mode: 'none',
    context: folder,
    entry: './entry.js',
    output: { path: '/', publicPath: '/' },
    plugins: [{ apply: emitPage }],
    infrastructureLogging: { level: 'none' },
    stats: 'none',
  })!;
  const files = devMiddleware(compiler, {
    ...options,
    outputFileSystem: createFsFromVolume(new Volume()) as never,
  });
  await new Promise((resolve) => files.waitUntilValid(resolve));
  return {
    files: files as never,
    close: () => new Promise<void>((resolve) => files.close(() => resolve())),
  };
}

type Files = (...args: unknown[]) => void;

const ranges: readonly string[] = [
  'bytes=0-9',
  'bytes=5-',
  'bytes=-7',
  `bytes=100-${page.length + 9}`,
  `bytes=0-${page.length - 1}`,
  'bytes=0-9,20-29',
  'bytes=9999999-',
  'bytes=b-a',
  'lines=0-9',
];

/** @param isWhole - no part is to come */
function expectNoPartAsWhole(response: RawResponse, range: string, isWhole: boolean): void {
  const { status, header, body, text, isComplete } = response;
  expect([range, isComplete]).toEqual([range, true]);
  if (isWhole) expect([range, status]).toEqual([range, 200]);
  if (header('content-length') !== undefined)
    expect([range, header('content-length')]).toEqual([range, String(body.length)]);
  if (status === 200) {
    expect([range, withoutTokens(text) === page, countTokens(text)]).toEqual([range, true, 3]);
    expect(header('content-range')).toBeUndefined();
  } else if (status === 206 && !header('content-type')!.startsWith('multipart/')) {
    const [, from, to] = /^bytes (\d+)-(\d+)\/\d+$/.exec(header('content-range')!)!;
    expect([range, text]).toEqual([range, page.slice(Number(from), Number(to) + 1)]);
  } else expect([range, status]).toEqual([range, status === 416 ? 416 : 206]);
}

const conditions: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'if-range': '"a"' },
  { 'if-range': 'Mon, 21 Sep 2026 10:00:00 GMT' },
];

async function askForParts(listener: RequestListener, isWholeAlways: boolean): Promise<void> {
  await withSite(listener, async (port) => {
    for (const accept of ['*/*', 'text/html'])
      for (const range of ranges)
        for (const condition of conditions) {
          const response = await send(port, '/', { headers: { accept, range, ...condition } });
          expectNoPartAsWhole(response, range, isWholeAlways || accept === 'text/html');
        }
  });
}

describe.each<[options: DevOptions]>([
  [{ etag: 'strong' }],
  [{ etag: 'strong', lastModified: true }],
  [{ etag: 'weak' }],
  [{ etag: 'weak', lastModified: true }],
  [{ lastModified: true }],
  [{}],
])('webpack-dev-middleware with %j', (options) => {
  let server: Awaited<ReturnType<typeof startDevServer>>;
  beforeAll(async () => {
    server = await startDevServer(options);
  });
  afterAll(() => server.close());

  test.each(frameworks)('behind $name sends a page, or a part of it as a part', async (framework) => {
    await askForParts(
      framework.build([ours(), server.files as never], (_, response) => response.writeHead(404).end()),
      options.etag === 'weak', // without a tag it takes any condition for one that holds
    );
  });

  test('still gives parts of what is no page', async () => {
    await withSite(
      frameworks[0]!.build([ours(), server.files as never], (_, response) => response.end()),
      async (port) => {
        const { status, text, header } = await send(port, '/main.js', { headers: { range: 'bytes=0-9' } });
        expect([status, header('content-range')?.startsWith('bytes 0-9/'), text.length]).toEqual([
          206,
          true,
          10,
        ]);
      },
    );
  });
});

describe.each(expresses)('express.static of %s', (_name, create) => {
  test.each<[title: string, tag: string | undefined]>([
    ['a tag of its own', undefined],
    ['a weak tag', 'W/"a"'],
    ['a strong tag', '"b"'],
  ])('with %s sends a page, or a part of it as a part', async (_title, tag) => {
    const app = create().use(ours());
    app.use(create.static(folder, { setHeaders: (response) => tag && response.setHeader('ETag', tag) }));
    await askForParts(app, tag !== '"b"');
  });
});

test.each(koas)('koa-send on %s sends a page as a whole', async (_name, Application) => {
  const app = koaOf(Application, [oursOf(), (ctx) => sendFile(ctx, 'index.html', { root: folder })]);
  await askForParts(app.callback(), true);
});
