/** The package as it is built: both module systems, and both of them in one process. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import express from 'express';
import supertest from 'supertest';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { base, countTokens, url } from '../support/samples.ts';

const root = join(import.meta.dirname, '../..');
const names = [
  'ImageSignerError',
  'createSigner',
  'defineConfig',
  'imageGuard',
  'imageSigner',
  'signingEndpoint',
];

test.each(['index', 'fetch', 'hono', 'koa'])(
  'each export of %s has its own name, and what a factory returns a name for stack traces',
  async (name) => {
    for (const file of [`dist/${name}.js`, `dist/${name}.cjs`]) {
      const entry = (await import(join(root, file))) as typeof import('../../src/index.ts');
      for (const each of names) expect(entry[each as 'imageSigner'].name, file).toBe(each);
      const returned = [
        entry.imageSigner(base as never),
        entry.imageGuard(base),
        entry.signingEndpoint({ ...base, authorize: () => true }),
      ];
      const expected = ['imageSignerMiddleware', 'imageGuardMiddleware', 'signingEndpointMiddleware'];
      expect(returned.map((each) => each.name)).toEqual(expected);
    }
  },
);

test.each([
  ['image-signer', 'imageSigner({ tll: 1 })'],
  ['image-signer/koa', 'imageSigner({ tll: 1 })'],
  ['image-signer/fetch', 'imageSigner({ tll: 1 })'],
  ['image-signer/delivery', 'imageDelivery({ tll: 1 })'],
  ['image-signer/schemes', 's3({ regoin: 1 })'],
])('a mistake in the options of %s prints no page of code: %s', (entry, call) => {
  const programs = [
    ['--input-type=commonjs', '-e', `require('${entry}').${call}`],
    ['--input-type=module', '-e', `import * as entry from '${entry}'; entry.${call}`],
  ];
  for (const args of programs) {
    const { stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(stderr).toContain('is not an option of');
    expect(stderr.length, args.join(' ')).toBeLessThanOrEqual(2048);
  }
});

test('its version is that of package.json', () => {
  const { version: published } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(version).toBe(published);
  const headings = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').matchAll(
    /^## (\d\S*) - (?:Unreleased|\d{4}-\d{2}-\d{2})$/gm,
  );
  expect(Array.from(headings, ([, listed]) => listed)).toContain(published);
});

type Entry = typeof import('../../src/index.ts');
const esm = (await import(join(root, 'dist/index.js'))) as Entry;
const cjs = createRequire(import.meta.url)(join(root, 'dist/index.cjs')) as Entry;

test("its ESM and its CommonJS copy take each other's signers, and sign a page once", async () => {
  expect(esm.imageSigner).not.toBe(cjs.imageSigner);
  const signer = esm.createSigner(base);
  const app = express();
  for (const { imageSigner } of [cjs, esm]) app.use(imageSigner({ signer: signer as never }));
  app.get('/', (_req, res) => void res.send(`<img src="${url()}">`));
  const { text } = await supertest(app).get('/').expect(200);
  expect(text).toBe(`<img src="${signer.signImage(url()).replace('&', '&amp;')}">`);
});

test.each(['js', 'cjs'])('its entries share errors and signers: %s', async (extension) => {
  const entries = await Promise.all(
    ['index', 'koa', 'fetch', 'hono'].map(
      (name) => import(join(root, `dist/${name}.${extension}`)) as Promise<Entry>,
    ),
  );
  for (const { createSigner } of entries) {
    const signer = createSigner(base);
    expect(signer.signImage(url())).toBe(esm.createSigner(base).signImage(url()));
    for (const { ImageSignerError, imageGuard, imageSigner } of entries) {
      expect(() => createSigner({} as never)).toThrow(ImageSignerError);
      for (const factory of [imageGuard, imageSigner]) expect(() => factory({ signer })).not.toThrow();
    }
  }
});

test('both copies read Markdown of both module systems, under one entity tag', async () => {
  const { imageSigner } = await import(join(root, 'dist/fetch.js'));
  const { markdown } = (await import(
    join(root, 'dist/markdown.js')
  )) as typeof import('../../src/markdown.ts');
  const required = createRequire(import.meta.url)(join(root, 'dist/markdown.cjs')) as { markdown: unknown };
  expect(required.markdown).not.toBe(markdown);
  const headers = { 'content-type': 'application/json', etag: '"1"' };
  const handler = (): Response => new Response(JSON.stringify({ body: `![](${url()})` }), { headers });
  const tags = new Set<string | null>();
  for (const body of [markdown, required.markdown]) {
    const sign = imageSigner({ ...base, rewrite: { json: true }, fields: { body } });
    const response = await sign(new Request('https://shop.example/'), handler);
    expect(countTokens(await response.text())).toBe(1);
    tags.add(response.headers.get('etag'));
  }
  expect(tags.size).toBe(1);
});

test('both copies in one app with different options: the later mount holds, and what was signed before it stays', async () => {
  for (const [first, later] of [
    [esm, cjs],
    [cjs, esm],
  ] as const) {
    const app = express();
    let early = '';
    app.use(first.imageSigner(base as never));
    app.use((req, _res, next) => {
      early = req.signImage(url(), undefined, { ttl: 120 });
      next();
    });
    app.use(later.imageSigner({ ...base, ttl: 900 } as never));
    const page = (): string => `<img src="${early}"><img src="${url('card')}">`;
    app.get('/', (_req, res) => void res.set('Cache-Control', 'max-age=3600').send(page()));
    const { text, headers } = await supertest(app).get('/').expect(200);
    expect(headers['cache-control']).toMatch(/max-age=60\b/);
    expect(text).toContain(early);
    const { signImage } = later.createSigner({ ...base, ttl: 900 } as never);
    expect(text).toContain(signImage(url('card')).replace('&', '&amp;'));
  }
});

test('no dependency, frameworks only if the app has them, and no module but those of Node.js', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest['dependencies']).toBeUndefined();
  expect(manifest['peerDependencies']).toEqual({
    express: '^4.0.0 || ^5.0.0',
    fastify: '^5.0.0',
    hono: '^4.0.0',
    koa: '^2.0.0 || ^3.0.0',
    sharp: '^0.34.0 || ^0.35.0',
  });
  const optional = Object.keys(manifest['peerDependencies'] as object).map((name) => [
    name,
    { optional: true },
  ]);
  expect(manifest['peerDependenciesMeta']).toEqual(Object.fromEntries(optional));
  const entries = 'index koa fetch hono fastify schemes markdown diagnosis testing'.split(' ');
  const outside = ['js', 'cjs'].flatMap((extension) => {
    const { metafile } = buildSync({
      entryPoints: entries.map((name) => `dist/${name}.${extension}`),
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unused',
      platform: 'node',
      packages: 'external',
    });
    return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  });
  for (const name of outside)
    expect(name).toMatch(/^node:(?:async_hooks|buffer|crypto|events|http|stream|util\/types|zlib)$/);
});
