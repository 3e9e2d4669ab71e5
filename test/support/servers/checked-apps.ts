/** Pages with images for tests of `image-signer check`, and the apps that send them. */
import type { RequestListener } from 'node:http';
import express from 'express';
import { imageSigner } from '../../../src/index.ts';
import { base } from '../samples.ts';
import { answering } from './checked-page.ts';

/** As HTML is written. */
export const escaped = (text: string): string => text.replaceAll('&', '&amp;');
export const img = (src: string): string => `<!DOCTYPE html><p>a</p><img src="${escaped(src)}">`;
export const html = (body: string, headers: Record<string, string> = {}): RequestListener =>
  answering({ body, headers });
export const typed = (type: string, body: string | Uint8Array, status = 200): RequestListener =>
  answering({ status, headers: { 'Content-Type': type }, body });

type Install = (
  server: express.Express,
  signer: express.RequestHandler,
  page: express.RequestHandler,
) => void;

const before: Install = (server, signer, page) => void server.use(signer).get('/', page);

export interface App {
  /** Besides those of `samples.ts`. */
  readonly options?: object;
  /** By default the page is behind the middleware. */
  readonly install?: Install;
  readonly headers?: Record<string, string>;
}

/** An app of Express that sends this page. */
export function app(
  body: string,
  { options = {}, install = before, headers = {} }: App = {},
): RequestListener {
  const server = express();
  const signer = imageSigner({ ...base, now: Date.now, ...options } as typeof base) as express.RequestHandler;
  install(server, signer, (_, response) => void response.set(headers).send(body));
  return server;
}
