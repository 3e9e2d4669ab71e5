/**
 * A small site to stand behind the Worker: a photographer's page, on which each client finds the proofs of all, stored
 * with plain URLs. It signs clients in, and delivers the pictures behind the guard, in Cloudflare's place; of pages and
 * tokens it knows nothing.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { imageGuard } from 'image-signer';
import { issueSession } from '../session.ts';
import type { Env } from '../settings.ts';
import { sessionCookie } from '../viewer.ts';
import { type Client, clients, drawPicture, pictures } from './pictures.ts';

/** What both sides have to agree on. */
export type Shared = Pick<
  Env,
  'IMAGES_KEY' | 'SESSION_KEY' | 'IMAGES_ACCOUNT_HASH' | 'IMAGES_DELIVERY' | 'IMAGES_TTL' | 'VARIANTS'
>;

const sessionSeconds = 3600;
const text = { 'Content-Type': 'text/plain; charset=utf-8' };

export function createOriginServer(shared: Shared): Server {
  const guard = imageGuard({
    key: shared.IMAGES_KEY,
    ttl: shared.IMAGES_TTL,
    variants: shared.VARIANTS,
    accountHash: shared.IMAGES_ACCOUNT_HASH,
    delivery: shared.IMAGES_DELIVERY,
  });
  const showPage: RequestListener = (_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(pageOf(shared));
  };
  const signIn: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk;
      if (body.length > 100) return void response.writeHead(413, text).end('Too long\n');
    }
    const client = clients.find((each) => each === new URLSearchParams(body).get('client'));
    if (client === undefined) return void response.writeHead(400, text).end('No such client\n');
    // The visitor's own address is what the Worker says; the browser's way here may be `https` though ours is not.
    const session = await sessionFor(client, shared);
    const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
    response.writeHead(303, {
      Location: '/',
      'Set-Cookie': `${sessionCookie}=${session}; Max-Age=${sessionSeconds}; Path=/; HttpOnly; SameSite=Lax${secure}`,
    });
    response.end();
  };
  return createServer((request, response) => {
    const { method, url = '/' } = request;
    if (url.startsWith(`${shared.IMAGES_DELIVERY}/`)) {
      guard(request, response, () => deliver(url, response));
    } else if (method === 'POST' && url === '/sign-in') {
      signIn(request, response);
    } else if (url === '/') {
      showPage(request, response);
    } else {
      response.writeHead(404, text).end('Not Found\n');
    }
  });
}

/** A real site asks its database which pictures are whose, and checks a password. This one believes any name. */
export function sessionFor(client: Client, { SESSION_KEY }: Pick<Shared, 'SESSION_KEY'>): Promise<string> {
  return issueSession(SESSION_KEY, {
    viewer: client,
    images: pictures[client].map(({ id }) => id),
    expiresAt: Math.floor(Date.now() / 1000) + sessionSeconds,
  });
}

/** A picture's URL as a site stores it. */
export function urlOf(id: string, shared: Pick<Shared, 'IMAGES_DELIVERY' | 'IMAGES_ACCOUNT_HASH'>): string {
  return `${shared.IMAGES_DELIVERY}/${shared.IMAGES_ACCOUNT_HASH}/${id}/card`;
}

/** The guard has been by: the path is an image's, in the one spelling that is signed. */
function deliver(url: string, response: Parameters<RequestListener>[1]): void {
  const [id = '', variant = ''] = url.replace(/\?.*/, '').split('/').slice(-2);
  const svg = drawPicture(id, variant);
  if (svg === undefined) return void response.writeHead(404, text).end('Not Found\n');
  response.setHeader('Content-Type', 'image/svg+xml').setHeader('X-Content-Type-Options', 'nosniff');
  response.end(svg);
}

function pageOf(shared: Shared): string {
  const albums = clients.map(
    (client) => `<section><h2>For ${client}</h2>
${pictures[client].map(({ id, alt }) => `<img src="${urlOf(id, shared)}" alt="${alt}" width="320" height="200">`).join('\n')}
<form method="post" action="/sign-in"><button name="client" value="${client}">I am ${client}</button></form></section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Proofs</title><link rel="icon" href="data:,">
<style>body { font: 1rem/1.5 system-ui; max-width: 64rem; margin: 2rem auto; padding: 0 1rem } img { border-radius: 4px }</style></head>
<body><h1>Proofs</h1>
${albums.join('\n')}
</body></html>
`;
}
