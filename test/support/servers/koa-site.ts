/** What tests over Koa share: both majors, apps with middleware in a given order, and requests to them. */
import Koa from 'koa';
import Koa2 from 'koa2';
import { imageSigner } from '../../../src/koa.ts';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { base } from '../samples.ts';
import { withSite } from './frameworks.ts';

export type CreateKoa = typeof Koa;

export const koas: readonly (readonly [name: string, Application: CreateKoa])[] = [
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
];

export function oursOf(options: object = {}): Koa.Middleware {
  return imageSigner({ ...base, ...options } as never);
}

/** @param heard - gets what the app hears of as errors */
export function koaOf(
  Application: CreateKoa,
  middleware: readonly Koa.Middleware[],
  heard: string[] = [],
): Koa {
  const app = new Application();
  app.on('error', (error) => void heard.push(String(error))); // an error itself holds on to who made it
  for (const each of middleware) app.use(each);
  return app;
}

export function ask(app: Koa, request: RawRequest = {}, path = '/'): Promise<RawResponse> {
  return withSite(app.callback(), (port) => send(port, path, request));
}

/** Without what differs from one request to the next. */
export function headersOf({ headers }: RawResponse, without: readonly string[] = []): string[] {
  return headers
    .filter(([name]) => !['date', 'connection', ...without].includes(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort();
}
