/** Handlers behind the guard as people write them: files, and proxies that ask a bucket for what the request names. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join, resolve, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';
import express, { type Express } from 'express';
import express4 from 'express4';
import type Koa from 'koa';
import mount from 'koa-mount';
import sendOfKoa from 'koa-send';
import serveOfKoa from 'koa-static';
import sendFile from 'send';
import sirv from 'sirv';
import { imageGuard, type SignedImage, type Signer } from '../../../src/index.ts';
import * as overKoa from '../../../src/koa.ts';
import type { ImageStore } from '../../support/servers/image-store.ts';
import { koaOf, koas } from '../../support/servers/koa-site.ts';
import { guardedByFastify } from './fastify.ts';

/** A server of images below `/images`, behind the guard. */
export interface Guarded {
  readonly name: string;
  build(store: ImageStore, signer: Signer): RequestListener;
}

type Requested = IncomingMessage & {
  readonly originalUrl?: string;
  readonly signedImage?: SignedImage;
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
};

/** Where a handler looks for an image; undefined where it finds no name for one. */
type Locate = (request: Requested, store: ImageStore) => string | URL | undefined;

type Handler = (request: Requested, response: ServerResponse) => void;

const bothExpresses = [
  ['Express 4', express4 as unknown as typeof express],
  ['Express 5', express],
] as const;

/** Takes the guard's word for which image it is. */
const imageOf = ({ signedImage }: Requested): SignedImage['image'] => signedImage!.image;

const proxies: Readonly<Record<string, Locate>> = {
  'the decoded id': (request, { bucketById }) =>
    `${bucketById}/${imageOf(request).id}/${imageOf(request).variant}`,
  'account and decoded id': (request, { bucket }) =>
    `${bucket}/${imageOf(request).accountHash}/${imageOf(request).id}/${imageOf(request).variant}`,
  'the encoded id': (request, { bucketById }) =>
    `${bucketById}/${encodeURIComponent(imageOf(request).id)}/${imageOf(request).variant}`,
  'req.url': (request, { bucket }) => bucket + request.url,
  'req.originalUrl': (request, { bucket }) => bucket.replace('/images', '') + request.originalUrl,
  'req.path, decoded': (request, { bucket }) =>
    bucket + decodeURIComponent((request as unknown as { readonly path: string }).path),
  'new URL(id, bucket)': (request, { bucketById }) =>
    new URL(`${imageOf(request).id}/${imageOf(request).variant}`, `${bucketById}/`),
  'new URL(id), then the variant': (request, { bucketById }) => {
    const url = new URL(imageOf(request).id, `${bucketById}/`);
    url.pathname += `/${imageOf(request).variant}`;
    return url;
  },
  'new URL(image.url, bucket)': (request, { bucket }) => new URL(imageOf(request).url, bucket),
  'signedImage.path': (request, { bucket }) =>
    bucket + (request.signedImage as { readonly path?: string } | undefined)?.path,
  'new URL(signedImage.path)': (request, { bucket }) =>
    new URL(`.${(request.signedImage as { readonly path?: string } | undefined)?.path}`, `${bucket}/`),
};

const files: Readonly<Record<string, Locate>> = {
  'path.join': (request, { folder }) =>
    join(folder, imageOf(request).accountHash, imageOf(request).id, imageOf(request).variant),
  'path.resolve': (request, { folder }) =>
    resolve(folder, imageOf(request).accountHash, imageOf(request).id, imageOf(request).variant),
  'a file URL': (request, { folder }) =>
    new URL(
      `${imageOf(request).id}/${imageOf(request).variant}`,
      pathToFileURL(`${folder}/${imageOf(request).accountHash}/`),
    ),
  'the path of the request': (request, { folder }) =>
    folder + decodeURIComponent((request as unknown as { readonly path: string }).path),
};

function notFound(response: ServerResponse, status = 404): void {
  response.statusCode = status;
  response.end();
}

function proxy(locate: Locate, store: ImageStore): Handler {
  return (request, response) => {
    const ask = async (): Promise<void> => {
      const found = locate(request, store);
      if (found === undefined) return notFound(response);
      const answer = await fetch(found);
      response.statusCode = answer.status;
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
    ask().catch(() => notFound(response, 502));
  };
}

function fileServer(locate: Locate, store: ImageStore): Handler {
  return (request, response) => {
    try {
      createReadStream(locate(request, store)!)
        .on('error', () => notFound(response))
        .pipe(response);
    } catch {
      notFound(response, 500);
    }
  };
}

/** Windows, where there is none: a path that is not below the folder is one of the machine's other files. */
function fileServerOfWindows(request: Requested, response: ServerResponse): void {
  const root = 'D:\\served\\images';
  const { id, variant } = imageOf(request);
  const paths = [
    win32.resolve(root, id, variant),
    win32.join(root, id, variant),
    win32.resolve(root, `${id}/${variant}`),
  ];
  response.end(paths.every((path) => path.startsWith(`${root}\\`)) ? 'within\n' : 'outside\n');
}

/** At a mount of Express, which takes its path off `req.url`. */
function mounted(name: string, create: (store: ImageStore) => Handler): Guarded[] {
  return bothExpresses.map(([framework, createApp]) => ({
    name: `${name}, ${framework}`,
    build(store, signer) {
      const app = createApp();
      app.use('/images', imageGuard({ signer }), create(store) as never);
      return lastResort(app);
    },
  }));
}

/** Express would print what a handler throws. */
function lastResort(app: Express): RequestListener {
  app.use((_error: unknown, _request: unknown, response: ServerResponse, _next: unknown) =>
    notFound(response, 500),
  );
  return app;
}

function routed(
  name: string,
  createApp: typeof express,
  path: string,
  locate: (params: Readonly<Record<string, string | readonly string[]>>, store: ImageStore) => string,
): Guarded {
  return {
    name,
    build(store, signer) {
      const app = createApp();
      const handler = proxy((request) => locate(request.params ?? {}, store), store);
      app.get(path, imageGuard({ signer }) as never, handler as never);
      return lastResort(app);
    },
  };
}

const routes: readonly Guarded[] = [
  routed(
    "Express 5's parameters",
    express,
    '/images/:account/*id/:variant',
    ({ id, variant }, { bucketById }) => [bucketById, ...(id as string[]), variant].join('/'),
  ),
  routed("Express 5's parameters, one wildcard", express, '/images/*path', ({ path }, { bucket }) =>
    [bucket, ...(path as string[])].join('/'),
  ),
  routed(
    "Express 4's parameters",
    bothExpresses[0][1],
    '/images/:account/:id/:variant',
    ({ id, variant }, { bucketById }) => [bucketById, id, variant].join('/'),
  ),
  routed(
    "Express 4's parameters, one wildcard",
    bothExpresses[0][1],
    '/images/:account/*',
    (params, { bucketById }) => `${bucketById}/${params['0']}`,
  ),
];

const ofKoa: readonly Guarded[] = koas.flatMap(([framework, Application]) => {
  const build =
    (deliver: (store: ImageStore) => Koa.Middleware): Guarded['build'] =>
    (store, signer) =>
      koaOf(Application, [
        mount('/images', koaOf(Application, [overKoa.imageGuard({ signer } as never), deliver(store)])),
      ]).callback();
  const viaBucket =
    (locate: (context: Koa.Context, store: ImageStore) => string): ((store: ImageStore) => Koa.Middleware) =>
    (store) =>
    async (ctx) => {
      const answer = await fetch(locate(ctx, store)).catch(() => undefined);
      ctx.status = answer?.status ?? 502;
      ctx.body = answer === undefined ? '' : Buffer.from(await answer.arrayBuffer());
    };
  return [
    { name: `koa-static, ${framework}`, build: build(({ folder }) => serveOfKoa(folder)) },
    {
      name: `koa-send, ${framework}`,
      build: build(
        ({ folder }) =>
          async (ctx) =>
            void (await sendOfKoa(ctx, ctx.path, { root: folder })),
      ),
    },
    {
      name: `a proxy by ctx.path, ${framework}`,
      build: build(viaBucket((ctx, { bucket }) => bucket + ctx.path)),
    },
    {
      name: `a proxy by ctx.url, ${framework}`,
      build: build(viaBucket((ctx, { bucket }) => bucket + ctx.url)),
    },
    {
      name: `a proxy by the decoded id, ${framework}`,
      build: build(
        viaBucket((ctx, { bucketById }) => {
          const { image } = ctx.state['signedImage'] as SignedImage;
          return `${bucketById}/${image.id}/${image.variant}`;
        }),
      ),
    },
  ];
});

export const guardedServers: readonly Guarded[] = [
  ...mounted('express.static', ({ folder }) => express.static(folder) as never),
  ...mounted("Express 4's static", ({ folder }) => express4.static(folder) as never),
  ...mounted('res.sendFile', ({ folder }) => (request, response) => {
    const { accountHash, id, variant } = imageOf(request);
    const fail = (error?: Error): void => {
      if (error !== undefined && !response.headersSent) notFound(response);
    };
    (response as never as { sendFile(path: string, options: object, done: typeof fail): void }).sendFile(
      `${accountHash}/${id}/${variant}`,
      { root: folder },
      fail,
    );
  }),
  ...mounted('send', ({ folder }) => (request, response) => {
    sendFile(request, (request as never as { readonly path: string }).path, { root: folder })
      .on('error', () => notFound(response))
      .pipe(response);
  }),
  ...mounted('sirv, which knows its files', ({ folder }) => sirv(folder) as Handler),
  ...mounted('sirv, which looks for them', ({ folder }) => sirv(folder, { dev: true }) as Handler),
  ...Object.entries(proxies).flatMap(([name, locate]) =>
    mounted(`a proxy by ${name}`, (store) => proxy(locate, store)),
  ),
  ...Object.entries(files).flatMap(([name, locate]) =>
    mounted(`files by ${name}`, (store) => fileServer(locate, store)),
  ),
  ...mounted('files of Windows', () => fileServerOfWindows),
  ...routes,
  ...ofKoa,
  ...guardedByFastify,
];
