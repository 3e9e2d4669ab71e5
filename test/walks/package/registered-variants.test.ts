/**
 * An app that has registered its variants by name gets helpers that take no other, and one that has registered its guarded
 * images finds their members on a request. Each program is compiled for itself, since what one registers holds everywhere in it.
 */
import { afterAll, beforeAll, test } from 'vitest';
import { PackedPackage } from '../../support/package/projects.ts';

let packed: PackedPackage;
beforeAll(() => {
  packed = new PackedPackage();
});
afterAll(() => packed.remove());

const calls = (helpers: string, views: string): string => `
  ${helpers}.signImage('id', 'thumb');
  ${helpers}.signSrcset('id', { card: '2x' });
  ${views}.signImage?.(null, 'card');
  // @ts-expect-error a variant that is not registered
  ${helpers}.signImage('id', 'hero');
  // @ts-expect-error nor in a srcset
  ${helpers}.signSrcset('id', { hero: '2x' });
  // @ts-expect-error nor in what views get
  ${views}.signImage?.(null, 'hero');
`;
const guarded = (signedImage: string): string => `
  ${signedImage}?.image.owner satisfies number | undefined;
  ${signedImage}?.image.scheme satisfies 'files' | undefined;
  // @ts-expect-error a variant is Cloudflare's
  ${signedImage}?.image.variant;
`;
const variants = 'interface ImageVariants { thumb: true; card: true }';
const images = "interface GuardedImages { files: SchemeImage<'files'> & { owner: number } }";

test.each([
  {
    title: 'Express',
    types: ['@types/express', '@types/express-serve-static-core', '@types/serve-static', '@types/qs'],
    imports: { express: 'express', 'image-signer': 'type { Middleware, SchemeImage }' },
    body: `
declare global { namespace Express { ${variants} ${images} } }
export const kept: Middleware | undefined = undefined;
express().use((req, res) => {${calls('req', 'res.locals')}${guarded('req.signedImage')}});`,
  },
  {
    title: 'Koa',
    types: ['@types/koa', '@types/koa-compose', '@types/cookies', '@types/keygrip'],
    imports: { koa: 'Koa', 'image-signer/koa': 'type { SchemeImage, SignerOptions }' },
    body: `
declare module 'koa' { ${variants} ${images} }
export const kept: SignerOptions | undefined = undefined;
new Koa().use((ctx) => {${calls('ctx', 'ctx.state')}${guarded('ctx.state.signedImage')}});`,
  },
  {
    title: 'Fastify',
    types: ['fastify'],
    imports: { fastify: 'fastify', 'image-signer/fastify': 'type { SchemeImage }' },
    body: `
declare module 'fastify' { ${images} }
fastify().get('/', (request) => {${guarded('request.signedImage')}});`,
  },
])('the variants, and the images of a guard, in $title', ({ title, types, imports, body }) => {
  const packages = Object.fromEntries(['@types/node', ...types].map((name) => [name, name]));
  const project = packed.createProject('module', packages);
  project.compile('app', { title, packages, imports, body }, { module: 'nodenext', skipLibCheck: true });
});
