/**
 * The package as users run it: a compiler on the fly adds work of its own to every function that is made. `DIST` names the
 * folder of another build.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = resolve(import.meta.dirname, '../..', process.env['DIST'] ?? 'dist');
const fileOf = (entry: string): string => pathToFileURL(resolve(dist, `${entry}.js`)).href;
const built = (await import(fileOf('index'))) as typeof import('../../src/index.ts');
const koa = (await import(fileOf('koa'))) as typeof import('../../src/koa.ts');
const hono = (await import(fileOf('hono'))) as typeof import('../../src/hono.ts');
const fastify = (await import(fileOf('fastify'))) as typeof import('../../src/fastify.ts');
const overFetch = (await import(fileOf('fetch'))) as typeof import('../../src/fetch.ts');
const ownSchemes = (await import(fileOf('schemes'))) as typeof import('../../src/schemes.ts');

const reader = (await import(fileOf('markdown'))) as typeof import('../../src/markdown.ts');

export const createSigner: typeof built.createSigner = built.createSigner;
export const imageSigner: typeof built.imageSigner = built.imageSigner;
export const koaImageSigner: typeof koa.imageSigner = koa.imageSigner;
export const fetchImageSigner: typeof overFetch.imageSigner = overFetch.imageSigner;
export const honoImageSigner: typeof hono.imageSigner = hono.imageSigner;
export const fastifyImageSigner: typeof fastify.imageSigner = fastify.imageSigner;
export const schemes: typeof ownSchemes = ownSchemes;
export const markdown: typeof reader.markdown = reader.markdown;
