/**
 * A small site behind the Worker: a photographer's page with the proofs of all clients, stored with plain URLs. It signs
 * clients in, and delivers the pictures behind the guard, instead of Cloudflare. It does not sign image URLs.
 */
import { readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageGuard } from 'image-signer';
import { issueSession, readSession } from '../session.ts';
import type { Env } from '../settings.ts';
import { sessionCookie } from '../viewer.ts';
import { pageOf } from './page.ts';
import { type Client, clients, pictures } from './pictures.ts';

/** Settings that both sides must share. */
export type Shared = Pick<
  Env,
  'IMAGES_KEY' | 'IMAGES_ACCOUNT_HASH' | 'IMAGES_DELIVERY' | 'IMAGES_TTL' | 'VARIANTS'
> & { readonly SESSION_KEY: string };

const sessionSeconds = 3600;
const text = { 'Content-Type': 'text/plain; charset=utf-8' };
const publicFolder = fileURLToPath(new URL('public/', import.meta.url));
const files: ReadonlyMap<string, string> = new Map([
  ['/icon.svg', 'image/svg+xml'],
  ['/proofs.css', 'text/css; charset=utf-8'],
  ['/proofs.js', 'text/javascript; charset=utf-8'],
]);

/** @param folder - has the pictures, as `<id>/<variant>.webp` */
export function createOriginServer(shared: Shared, folder: string): Server {
  const guard = imageGuard({
    key: shared.IMAGES_KEY,
    ttl: shared.IMAGES_TTL,
    variants: shared.VARIANTS,
    accountHash: shared.IMAGES_ACCOUNT_HASH,
    delivery: shared.IMAGES_DELIVERY,
  });
  const showPage: RequestListener = async (request, response) => {
    const client = await clientOf(request, shared);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(pageOf(imagesOf(shared), client));
  };
  const signIn: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk;
      if (body.length > 100) return void response.writeHead(413, text).end('Too long\n');
    }
    const client = clients.find((each) => each === new URLSearchParams(body).get('client'));
    if (client === undefined) return void response.writeHead(400, text).end('No such client\n');
    returnWith(await sessionFor(client, shared), sessionSeconds, request, response);
  };
  return createServer((request, response) => {
    const { method, url = '/' } = request;
    if (url.startsWith(`${shared.IMAGES_DELIVERY}/`)) {
      guard(request, response, () => deliver(url, folder, response));
    } else if (method === 'POST' && url === '/sign-in') {
      signIn(request, response);
    } else if (method === 'POST' && url === '/sign-out') {
      returnWith('', 0, request, response);
    } else if (url === '/') {
      showPage(request, response);
    } else if (url === '/favicon.ico') {
      response.writeHead(302, { Location: '/icon.svg' }).end();
    } else if (files.has(url)) {
      sendFile(join(publicFolder, url), files.get(url)!, response); // it has it
    } else {
      response.writeHead(404, text).end('Not Found\n');
    }
  });
}

/** A real site checks a password, and looks up the client's pictures. This one trusts any name. */
export function sessionFor(client: Client, { SESSION_KEY }: Pick<Shared, 'SESSION_KEY'>): Promise<string> {
  return issueSession(SESSION_KEY, {
    viewer: client,
    images: pictures[client].map(({ id }) => id),
    expiresAt: Math.floor(Date.now() / 1000) + sessionSeconds,
  });
}

/** The beginning of the plain picture URLs; the id and `card` follow. */
export function imagesOf(shared: Pick<Shared, 'IMAGES_DELIVERY' | 'IMAGES_ACCOUNT_HASH'>): string {
  return `${shared.IMAGES_DELIVERY}/${shared.IMAGES_ACCOUNT_HASH}`;
}

async function clientOf({ headers }: IncomingMessage, { SESSION_KEY }: Shared): Promise<Client | undefined> {
  const token = new RegExp(`(?:^|; )${sessionCookie}=([\\w.-]+)`).exec(headers.cookie ?? '')?.[1];
  const session = token === undefined ? undefined : await readSession(SESSION_KEY, token, Date.now());
  return clients.find((each) => each === session?.viewer);
}

/** The Worker sends the browser's scheme, which can be `https` although this server uses http. */
function returnWith(
  session: string,
  seconds: number,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  response.writeHead(303, {
    Location: '/',
    'Set-Cookie': `${sessionCookie}=${session}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Lax${secure}`,
  });
  response.end();
}

/** Runs after the guard: the path is a canonical image path, so no segment leads out of the folder. */
function deliver(url: string, folder: string, response: ServerResponse): void {
  const [id = '', variant = ''] = url.replace(/\?.*/, '').split('/').slice(-2);
  sendFile(join(folder, id, `${variant}.webp`), 'image/webp', response);
}

async function sendFile(path: string, type: string, response: ServerResponse): Promise<void> {
  const file = await readFile(path).catch(() => undefined);
  if (file === undefined) return void response.writeHead(404, text).end('Not Found\n');
  response.writeHead(200, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(file);
}
