/** What tests over Express share: a folder of files, and every way in which an app hands out a response. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import express from 'express';
import express4 from 'express4';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { base, url } from '../samples.ts';
import { withSite } from './frameworks.ts';

export type CreateExpress = typeof express;

export const expresses: readonly (readonly [name: string, create: CreateExpress])[] = [
  ['Express 4', express4],
  ['Express 5', express],
];

/** The middleware; nobody is told of anything. */
export function signing(options: object = {}): express.RequestHandler {
  return imageSigner({ ...base, report: false, ...options } as ImageSignerOptions);
}

export function visit(app: express.Express, path = '/', request: RawRequest = {}): Promise<RawResponse> {
  return withSite(app, (port) => send(port, path, request));
}

/** Three URLs to sign, and enough text to be worth compressing. */
export const page: string =
  `<!DOCTYPE html><title>x</title><img src="${url()}"><img srcset="${url('thumb')} 1x, ${url('card')} 2x">` +
  '<p>text</p>'.repeat(200);
export const tokensOfPage = 3;
export const data: { readonly image: string; readonly list: readonly number[] } = {
  image: url(),
  list: [1, 2, 3],
};
export const picture: Buffer = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** @returns a folder with `page.html`, `data.json`, `picture.png` and the view `view.ejs`; the caller removes it */
export function createFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  writeFileSync(join(path, 'page.html'), page);
  writeFileSync(join(path, 'data.json'), JSON.stringify(data));
  writeFileSync(join(path, 'picture.png'), picture);
  writeFileSync(join(path, 'view.ejs'), page.replace('<title>x<', '<title><%= title %><'));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

export interface Way {
  readonly title: string;
  readonly isPage: boolean;
  readonly route: express.RequestHandler;
}

const partsOfPage = page.match(/.{1,77}/gs)!;

/** One file of the folder, by `express.static`, whatever the URL. */
export function staticFile(
  create: CreateExpress,
  folder: string,
  file: string,
  options: object = {},
): express.RequestHandler {
  const serveFiles = create.static(folder, options);
  return (request, response, next) => {
    request.url = `/${file}`;
    serveFiles(request, response, next);
  };
}

export function waysOf(create: CreateExpress, folder: string): readonly Way[] {
  const pages: Readonly<Record<string, express.RequestHandler>> = {
    'res.send': (_, response) => void response.send(page),
    'res.send of bytes': (_, response) => void response.type('html').send(Buffer.from(page)),
    'res.end': (_, response) => void response.type('html').end(page),
    'res.download': (_, response) => response.download(join(folder, 'page.html'), 'name.html'),
    'res.render': (_, response) => response.render('view', { title: 'x' }),
    'res.sendFile': (_, response) => response.sendFile(join(folder, 'page.html')),
    'express.static': staticFile(create, folder, 'page.html'),
    pipe: (_, response) => {
      Readable.from(partsOfPage.map((part) => Buffer.from(part))).pipe(response.type('html'));
    },
    'write, flush, end': (_, response) => {
      response.type('html');
      for (const part of partsOfPage) {
        response.write(part);
        (response as { flush?: () => void }).flush?.(); // compression's
      }
      response.end();
    },
    'writeHead, end': (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': page.length });
      response.end(page);
    },
  };
  const others: Readonly<Record<string, express.RequestHandler>> = {
    'res.json': (_, response) => void response.json(data),
    'a PNG by express.static': staticFile(create, folder, 'picture.png'),
    'a PNG by res.send': (_, response) => void response.type('png').send(picture),
  };
  const list = (routes: typeof pages, isPage: boolean): Way[] =>
    Object.entries(routes).map(([title, route]) => ({ title, isPage, route }));
  return [...list(pages, true), ...list(others, false)];
}

/** Whether Express itself compares tags, or `send` does. */
export function answersConditions({ title }: Way): boolean {
  return ['res.send', 'res.send of bytes', 'res.render', 'res.sendFile', 'express.static'].includes(title);
}

/** An app with these in front of a route for each way, under its index. */
export function siteOf(
  create: CreateExpress,
  folder: string,
  middleware: readonly express.RequestHandler[],
  ways: readonly Way[],
): express.Express {
  const app = create();
  app.set('views', folder);
  app.set('view engine', 'ejs');
  for (const each of middleware) app.use(each);
  for (const [index, way] of ways.entries()) app.use(`/${index}`, way.route);
  return app;
}

/** The body without its content coding. */
export function decoded(response: RawResponse): Buffer {
  switch (response.header('content-encoding')) {
    case 'gzip':
      return gunzipSync(response.body);
    case 'br':
      return brotliDecompressSync(response.body);
    case 'deflate':
      return inflateSync(response.body);
    default:
      return response.body;
  }
}
