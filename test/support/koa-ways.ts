/** What tests over Koa share: every way in which an app answers, by its context or around it. */
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { url } from './samples.ts';

export const page: string = `<p>é</p><img src="${url()}">`;

/** A response, and how many URLs of it are signed. */
export type Way = readonly [title: string, tokens: number, respond: Koa.Middleware];

/** Answers a page. */
export function html(ctx: Koa.Context, body: unknown): void {
  ctx.type = 'html';
  ctx.body = body;
}

/** The page in two parts. */
export const stream = (): Readable => Readable.from([page.slice(0, 20), page.slice(20)]);

export const ways: readonly Way[] = [
  ['text, then another', 1, (ctx) => [`<i>${url()}`, page].forEach((body) => void html(ctx, body))],
  ['a stream, then text', 1, (ctx) => [stream(), page].forEach((body) => void html(ctx, body))],
  ['text, then a stream', 1, (ctx) => [page, stream()].forEach((body) => void html(ctx, body))],
  ['a stream, then another', 1, (ctx) => [stream(), stream()].forEach((body) => void html(ctx, body))],
  [
    'a body that is taken back',
    0,
    (ctx) => {
      html(ctx, page);
      ctx.body = undefined;
    },
  ],
  [
    'null after a stream',
    0,
    (ctx) => {
      html(ctx, stream());
      ctx.body = null;
    },
  ],
  ...[204, 205, 304].flatMap((status): Way[] => [
    [
      `${status}, then a body`,
      0,
      (ctx) => {
        ctx.status = status;
        html(ctx, page);
      },
    ],
    [
      `a stream, then ${status}`,
      0,
      (ctx) => {
        html(ctx, stream());
        ctx.status = status;
      },
    ],
  ]),
  [
    'a status of its own',
    1,
    (ctx) => {
      ctx.status = 404;
      html(ctx, page);
    },
  ],
  ['a redirect', 0, (ctx) => ctx.redirect('https://shop.example/?a=1')],
  ['a redirect to an image', 0, (ctx) => ctx.redirect(url())],
  ['an error that is shown', 0, (ctx) => ctx.throw(404, `<img src="${url()}">`)],
  ['an error that is not', 0, (ctx) => ctx.throw(500)],
  [
    'an error after a body',
    0,
    (ctx) => {
      html(ctx, stream());
      ctx.throw(500);
    },
  ],
  [
    'a download',
    1,
    (ctx) => {
      ctx.attachment('page.html');
      ctx.body = page;
    },
  ],
  [
    'a type that comes after the body',
    1,
    (ctx) => {
      ctx.body = stream();
      ctx.type = 'html';
    },
  ],
  [
    'a type that is taken back',
    0,
    (ctx) => {
      html(ctx, page);
      ctx.type = 'text/plain';
    },
  ],
  [
    'a type that is cleared',
    0,
    (ctx) => {
      html(ctx, page);
      ctx.type = null as never;
    },
  ],
  [
    'a type that is removed from a stream',
    0,
    (ctx) => {
      html(ctx, stream());
      ctx.remove('Content-Type');
    },
  ],
  [
    'a type that is a list',
    1,
    (ctx) => {
      ctx.set('Content-Type', ['text/html']);
      ctx.body = page;
    },
  ],
  [
    'headers that are sent before the body is there',
    1,
    (ctx) => {
      ctx.type = 'html';
      ctx.status = 200;
      ctx.flushHeaders();
      ctx.body = stream();
    },
  ],
  [
    'a response of node:http, by hand',
    1,
    (ctx) => {
      ctx.respond = false;
      ctx.res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(page) });
      ctx.res.write(page.slice(0, 20));
      ctx.res.end(page.slice(20));
    },
  ],
  [
    'a stream that is piped by hand',
    1,
    (ctx) => {
      ctx.respond = false;
      ctx.res.statusCode = 200;
      ctx.res.setHeader('Content-Type', 'text/html');
      stream().pipe(ctx.res);
    },
  ],
  ['an image', 0, (ctx) => void Object.assign(ctx, { type: 'png', body: Buffer.from(page) })],
  ['events', 0, (ctx) => void Object.assign(ctx, { type: 'text/event-stream', body: stream() })],
  ['a JSON text', 0, (ctx) => void Object.assign(ctx, { type: 'json', body: `"${url()}"` })],
  ['an object', 0, (ctx) => void Object.assign(ctx, { body: { a: url() } })],
];
