/** A site whose viewers may see different images, behind the middleware used several times. */
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as aTurn } from 'node:timers/promises';
import express from 'express';
import Koa from 'koa';
import conditional from 'koa-conditional-get';
import * as overFetch from '../../../src/fetch.ts';
import { createSigner, imageSigner, type Signer } from '../../../src/index.ts';
import * as overKoa from '../../../src/koa.ts';
import { pick } from '../../support/generators/random.ts';
import { accountHash, base, type Clock, clockAt } from '../../support/samples.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';

export const viewers = ['ada', 'bob', 'eve', ''] as const;
export const imageIds = ['one', 'two', 'folder/three', 'four', 'five'] as const;
export const adapters = ['Express', 'Koa', 'fetch'] as const;
export type Adapter = (typeof adapters)[number];

/** One use of the middleware. */
export interface Use {
  /** Where it stands: before all pages, or before those of a part of the site. */
  readonly at: '/' | '/own';
  readonly isPersonal: boolean;
  readonly rewritesJson: boolean;
  readonly options: object;
}

/** One call of a helper. */
export interface Helped {
  readonly id: string;
  /** The app has decided that this viewer may see the image: `authorize` is not asked. */
  readonly isDecided: boolean;
}

export interface Page {
  readonly type: 'text/html' | 'application/json';
  readonly text: string;
  /** It holds URLs with a ttl of their own, which the app has stored. */
  readonly isShort: boolean;
  readonly link: string | undefined;
  /** What identifies the page's text. */
  readonly tag: string;
  readonly way: 'whole' | 'streamed';
  /** Images that the app signs by a helper: their URLs follow the text. */
  readonly signs: readonly Helped[];
  readonly cacheControl: string | undefined;
}

export interface Asked {
  readonly page: Page;
  readonly isOwn: boolean;
  readonly viewer: string;
  readonly method: 'GET' | 'HEAD';
  readonly conditions: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly text: string;
  /** What the helpers gave for it, in the order of `signs`. */
  readonly helped: readonly string[];
}

export interface ViewersSite {
  readonly now: Clock;
  /** The use whose options hold for a page. */
  useOf(isOwn: boolean): Use;
  may(viewer: string, id: string): boolean;
  /** Tells good tokens from others: it has the site's key. */
  readonly verifier: Signer;
  ask(asked: Asked): Promise<Answer>;
}

type Random = () => number;
type SignImage = (image: string, variant?: string, options?: object) => string;

export function createSite(random: Random, adapter: Adapter): ViewersSite {
  const now = clockAt();
  const seen = new Set(
    viewers.flatMap((viewer) => imageIds.filter(() => random() < 0.4).map((id) => `${viewer} ${id}`)),
  );
  const may = (viewer: string, id: string): boolean => seen.has(`${viewer} ${id}`);
  const own = {
    ...base,
    now,
    accountHash,
    variants: { thumb: {}, card: { ttl: '1h' }, preview: { alwaysPublic: true } },
  };
  const authorize = (image: { readonly id: string }, viewer: unknown): boolean =>
    may(viewerOf(viewer), image.id);
  const signer = createSigner(own as never);
  const personalSigner = createSigner({ ...own, authorize, deniedVariant: 'preview' } as never);

  const uses = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index): Use => {
    const at = index === 0 || random() < 0.3 ? '/' : '/own';
    const rewritesJson = random() < 0.7;
    const shared: object = pick(random, [{ signer }, { signer: personalSigner }, own, { ...own, ttl: '2h' }]);
    const asks = random() < 0.5;
    const more = {
      ...(asks ? { authorize } : {}),
      ...(random() < 0.4 ? { deniedVariant: 'preview' } : {}),
      ...(random() < 0.5 ? { report: () => {} } : {}),
    };
    const rewrite = { json: rewritesJson, locals: random() < 0.3 };
    const isPersonal = asks || ('signer' in shared && shared.signer === personalSigner);
    return { at, isPersonal, rewritesJson, options: { ...shared, ...more, rewrite } };
  });

  let asked = 0;
  const pages = new Map<string, Page>();
  const helped = new Map<string, readonly string[]>();
  const textOf = (name: string, page: Page, signImage: SignImage): string => {
    const urls = page.signs.map(({ id, isDecided }) =>
      signImage(id, 'thumb', isDecided ? { authorize: false } : undefined),
    );
    helped.set(name, urls);
    if (urls.length === 0) return page.text;
    return page.type === 'text/html'
      ? page.text + urls.map((url) => `<img src="${url}">`).join('')
      : JSON.stringify({ page: JSON.parse(page.text), urls });
  };
  const send = adapterOf[adapter](uses, pages, textOf, random);

  return {
    now,
    may,
    verifier: signer as unknown as Signer,
    useOf: (isOwn) => uses.findLast(({ at }) => isOwn || at === '/')!, // the first one stands before all
    async ask({ page, isOwn, viewer, method, conditions }) {
      const name = String(asked++);
      pages.set(name, page);
      const answer = await send(
        `${isOwn ? '/own' : ''}/${name}`,
        { ...conditions, 'x-viewer': viewer },
        method,
      );
      pages.delete(name);
      const urls = helped.get(name) ?? [];
      helped.delete(name);
      return { ...answer, helped: urls };
    },
  };
}

/** Of Express the request, of Koa the context, of fetch the request: all have headers. */
function viewerOf(asker: unknown): string {
  const { headers } = asker as { readonly headers: IncomingHttpHeaders | Headers };
  return String(headers instanceof Headers ? headers.get('x-viewer') : headers['x-viewer']);
}

type Send = (
  path: string,
  headers: Readonly<Record<string, string>>,
  method: string,
) => Promise<Omit<Answer, 'helped'>>;
type TextOf = (name: string, page: Page, signImage: SignImage) => string;
type CreateAdapter = (
  uses: readonly Use[],
  pages: ReadonlyMap<string, Page>,
  textOf: TextOf,
  random: Random,
) => Send;

const adapterOf: Readonly<Record<Adapter, CreateAdapter>> = {
  Express(uses, pages, textOf, random) {
    const app = express();
    for (const { at, options } of uses) app.use(at, imageSigner(options as never));
    app.get(['/:name', '/own/:name'], async (request, response) => {
      const name = String(request.params['name']);
      const page = pages.get(name)!; // of this site's own client
      if (page.cacheControl !== undefined) response.set('Cache-Control', page.cacheControl);
      if (page.link !== undefined) response.set('Link', page.link);
      response.type(page.type).set('ETag', page.tag);
      await turns(random);
      const text = textOf(name, page, request.signImage as SignImage);
      if (page.way === 'whole') return void response.send(text);
      if (request.fresh) return void response.status(304).end();
      for (const chunk of chunksOf(text, random)) {
        response.write(chunk);
        await turns(random);
      }
      response.end();
    });
    return (path, headers, method) => exchangeLater(app, path, headers, method);
  },

  Koa(uses, pages, textOf, random) {
    const app = new Koa();
    app.silent = true;
    if (random() < 0.5) app.use(conditional());
    for (const { at, options } of uses) {
      const use = overKoa.imageSigner(options as never);
      app.use(async (ctx, next) => (ctx.path.startsWith(at) ? use(ctx, next) : next()));
    }
    app.use(async (ctx) => {
      const name = ctx.path.split('/').at(-1)!;
      const page = pages.get(name)!; // of this site's own client
      if (page.cacheControl !== undefined) ctx.set('Cache-Control', page.cacheControl);
      if (page.link !== undefined) ctx.set('Link', page.link);
      ctx.status = 200;
      ctx.type = page.type;
      ctx.set('ETag', page.tag);
      await turns(random);
      const text = textOf(name, page, ctx.signImage as SignImage);
      if (ctx.fresh) {
        ctx.status = 304;
        return;
      }
      ctx.body = page.way === 'whole' ? text : Readable.from(slowly(text, random));
    });
    const listener = app.callback();
    return (path, headers, method) => exchangeLater(listener, path, headers, method);
  },

  fetch(uses, pages, textOf, random) {
    const middleware = uses.map(({ at, options }) => ({ at, sign: overFetch.imageSigner(options as never) }));
    const handler = async (request: Request, helpers: unknown): Promise<Response> => {
      const name = new URL(request.url).pathname.split('/').at(-1)!;
      const page = pages.get(name)!; // of this site's own client
      const headers = new Headers({ 'content-type': page.type, etag: page.tag });
      if (page.cacheControl !== undefined) headers.set('cache-control', page.cacheControl);
      if (page.link !== undefined) headers.set('link', page.link);
      await turns(random);
      const tags = (request.headers.get('if-none-match') ?? '').replaceAll('W/', '').split(/,\s*/);
      if (tags.includes(page.tag.replace('W/', '')) || tags.includes('*'))
        return new Response(null, { status: 304, headers });
      const text = textOf(name, page, (helpers as { readonly signImage: SignImage }).signImage);
      return new Response(
        page.way === 'whole'
          ? text
          : ReadableStream.from(slowly(text, random)).pipeThrough(new TextEncoderStream()),
        { headers },
      );
    };
    return async (path, headers, method) => {
      const call = (index: number): ((request: Request, helpers?: unknown) => Promise<Response>) =>
        index === middleware.length
          ? handler
          : (request, helpers) =>
              path.startsWith(middleware[index]!.at)
                ? middleware[index]!.sign(request, call(index + 1))
                : call(index + 1)(request, helpers);
      const response = await call(0)(new Request(`https://site.example${path}`, { method, headers }));
      const text = await response.text();
      return {
        status: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
        text: method === 'HEAD' ? '' : text, // of which a runtime sends none
      };
    };
  },
};

/** So that answers come in between each other. */
async function turns(random: Random): Promise<void> {
  for (let left = Math.floor(random() * 3); left > 0; left--) await aTurn();
}

function chunksOf(text: string, random: Random): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + Math.floor(random() * 200);
    chunks.push(text.slice(at, end));
    at = end;
  }
  return chunks;
}

async function* slowly(text: string, random: Random): AsyncGenerator<string> {
  for (const chunk of chunksOf(text, random)) {
    yield chunk;
    await turns(random);
  }
}
