/** A site whose pages stay open, and a delivery that refuses a token that is wrong or has expired; both count. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  createSigner,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
  type SignerOptions,
  signingEndpoint,
} from '../../../../src/index.ts';
import { builtFolder } from '../../../support/root.ts';
import { accountHash, key } from '../../../support/samples.ts';

export interface Asked {
  /** How often this path has been asked for, this time included. */
  readonly turn: number;
  /** Whether the client asks, and not the visitor. */
  readonly isRenewal: boolean;
  readonly method: string | undefined;
  /** The path, with its query. */
  readonly target: string;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A page that a cache has held for a minute: the tokens in it are as old. */
  readonly isOld?: boolean;
}

/** A page, a script or data. Image URLs stand in it as the site stores them. */
export type Route = string | Answer | ((asked: Asked) => string | Answer);

export interface SiteOptions {
  /** By path. What a page holds is its body. */
  readonly routes?: (
    urlOf: (image: string) => string,
    sign: (image: string) => string,
  ) => Readonly<Record<string, Route>>;
  /** The page at `/`, where nothing else is said of it. */
  readonly page?: (urlOf: (image: string) => string) => Route;
  /** The site's clock, in milliseconds. */
  readonly now: () => number;
  /** Seconds. @default 5 */
  readonly ttl?: number;
  /** Seconds for which tokens stay the same. @default 0 */
  readonly stableFor?: number;
  /** Whether the site signs with helpers alone: then what strangers type keeps the token that they have typed. @default false */
  readonly signsItself?: boolean;
  /** What the policy of the pages says besides. */
  readonly policy?: string;
  /** From where the policy allows styles. @default all that stands in the page too */
  readonly stylePolicy?: string;
}

export interface Request {
  readonly target: string;
  readonly isRenewal: boolean;
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** How many URLs the client has asked the endpoint for; undefined elsewhere. */
  readonly urls?: number | undefined;
}

export interface ImageRequest {
  readonly image: string;
  readonly url: string;
  readonly status: number;
}

export interface Site {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  /** What has been asked for, images and files aside. */
  readonly requests: readonly Request[];
  readonly images: readonly ImageRequest[];
  /** How many requests of the client were on their way at one time. */
  readonly mostAtOnce: number;
  /** Whether everything that came has been answered. */
  isIdle(): boolean;
  /** The site no longer listens, and breaks its connections off. Its images stay. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** The status that an image's URL has now. */
  statusOf(url: string): Promise<number>;
  close(): Promise<void>;
}

const variant = 'thumb';
const oldFor = 60_000;

export async function openSite(options: SiteOptions): Promise<Site> {
  const requests: Request[] = [];
  const images: ImageRequest[] = [];
  let open = 0;
  let renewing = 0;
  let mostAtOnce = 0;
  const counted = (response: ServerResponse): void => {
    open++;
    response.once('close', () => open--);
    // Node.js would write the time of the machine, and the client reads that of the site.
    response.sendDate = false;
    response.setHeader('Date', new Date(options.now()).toUTCString());
  };

  const delivery = createServer((request, response) => {
    counted(response);
    const [, , image = ''] = (request.url ?? '').split('/');
    response.once('close', () =>
      images.push({ image, url: `${deliveryAddress}${request.url}`, status: response.statusCode }),
    );
    guard(request, response, () => {
      if (image.startsWith('missing')) return void response.writeHead(404).end();
      // Each time that a browser loads an image it has to ask for it.
      response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'no-store' }).end(drawing);
    });
  });
  const deliveryAddress = await listen(delivery);
  const urlOf = (image: string): string => `${deliveryAddress}/${accountHash}/${image}/${variant}`;

  const signing: SignerOptions = {
    key,
    ttl: options.ttl ?? 5,
    stableFor: options.stableFor ?? 0,
    variants: [variant],
    delivery: deliveryAddress,
    now: options.now,
  };
  const guard = imageGuard(signing);
  const rewrite = options.signsItself ? false : { json: true };
  const sign = imageSigner({ ...signing, rewrite } as ImageSignerOptions);
  const signer = createSigner(signing);
  const signOld = imageSigner({
    ...signing,
    rewrite,
    now: () => options.now() - oldFor,
  } as ImageSignerOptions);
  const policy = [
    `default-src 'none'; script-src 'self'; connect-src 'self' http://localhost:*; img-src 'self' ${deliveryAddress} https://elsewhere.example`,
    `style-src ${options.stylePolicy ?? "'self' 'unsafe-inline'"}`,
    ...(options.policy === undefined ? [] : [options.policy]),
  ].join('; ');
  const routes: Readonly<Record<string, Route>> = {
    ...(options.page && { '/': options.page(urlOf) }),
    ...options.routes?.(urlOf, (image) => signer.signImage(urlOf(image))),
  };
  const turns = new Map<string, number>();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counted(response);
    const { url: target = '/', method, headers } = request;
    const [path = ''] = target.split('?');
    const file = files[path];
    if (file !== undefined) {
      response.writeHead(200, { 'Content-Type': file.type, 'Cache-Control': 'no-store' }).end(file.read());
      return;
    }
    const isRenewal = target === '/sign' || headers['x-image-signer'] === 'renew';
    if (isRenewal) {
      mostAtOnce = Math.max(mostAtOnce, ++renewing);
      response.once('close', () => renewing--);
    }
    if (path === '/sign') {
      // Before a request to another site the browser asks whether it may.
      const body = method === 'POST' ? (JSON.parse(await text(request)) as { urls: string[] }) : undefined;
      requests.push({ target, method, isRenewal, headers, urls: body?.urls.length });
      endpoint(Object.assign(request, { body }), response, () => response.writeHead(404).end());
      return;
    }
    const route = routes[path];
    // Browsers ask for `/favicon.ico` by themselves.
    if (route !== undefined) requests.push({ target, method, isRenewal, headers });
    const turn = (turns.get(path) ?? 0) + 1;
    turns.set(path, turn);
    const given =
      typeof route === 'function'
        ? route({ turn, isRenewal, method, target, body: await text(request) })
        : (route ?? { status: 404 });
    const answer: Answer = typeof given === 'string' ? { body: given } : given;
    (answer.isOld ? signOld : sign)(request, response, () => {
      const type = answer.type ?? typeOf(path);
      response.writeHead(answer.status ?? 200, {
        'Content-Type': type,
        ...(type.startsWith('text/html') ? { 'Content-Security-Policy': policy } : {}),
        ...answer.headers,
      });
      response.end(answer.body ?? '');
    });
  };
  const pages = createServer((request, response) => void serve(request, response));
  const address = await listen(pages);
  const endpoint = signingEndpoint({ ...signing, path: '/sign', authorize: () => true, origins: address });

  return {
    address,
    requests,
    images,
    get mostAtOnce() {
      return mostAtOnce;
    },
    isIdle: () => open === 0,
    goDown: () => shut(pages),
    comeBack: async () => void (await listen(pages, Number(new URL(address).port))),
    async statusOf(url) {
      const response = await fetch(url);
      await response.arrayBuffer();
      images.pop(); // no visitor has asked for it
      return response.status;
    },
    async close() {
      await Promise.all([shut(pages), shut(delivery)]);
    },
  };
}

const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60"><rect width="80" height="60" fill="teal"/></svg>';

/** What pages load besides their own scripts. */
const files: Readonly<Record<string, { readonly type: string; read(): string | Buffer }>> = {
  '/client.js': { type: 'text/javascript', read: () => readFileSync(join(builtFolder, 'client.js')) },
  '/client.global.js': {
    type: 'text/javascript',
    read: () => readFileSync(join(builtFolder, 'client.global.js')),
  },
  // So far below that no browser loads a lazy image before the visitor scrolls.
  '/site.css': { type: 'text/css', read: () => '.far { height: 20000px } [hidden] { display: none }' },
};

function typeOf(path: string): string {
  if (path.endsWith('.js')) return 'text/javascript';
  return path.endsWith('.json') ? 'application/json' : 'text/html; charset=utf-8';
}

async function listen(server: Server, port = 0): Promise<string> {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function shut(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
