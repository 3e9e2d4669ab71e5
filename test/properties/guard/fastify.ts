/** Handlers behind the guard of Fastify, whose prefix says what it guards. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import statics from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { imageGuard } from '../../../src/fastify.ts';
import type { ImageStore } from '../../support/servers/image-store.ts';
import type { Guarded } from './handlers.ts';

/** Whatever the site has is below one route of it, and the images are what the guard's prefix says. */
const sitesOfFastify: Readonly<Record<string, (request: FastifyRequest, root: string) => string>> = {
  'files by the wildcard': ({ params }, root) => join(root, (params as { readonly '*': string })['*']),
  'files by the decoded URL': ({ url }, root) => join(root, decodeURIComponent(url.split('?', 1)[0]!)),
  'files by new URL': ({ url }, root) =>
    join(root, decodeURIComponent(new URL(url, 'http://site.example').pathname)),
};

const routers: Readonly<Record<string, object>> = {
  '': {},
  ', which ignores case': { caseSensitive: false },
  ', which merges slashes': { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true },
  ', with a ; before the query': { useSemicolonDelimiter: true },
};

function fastifyWith(
  name: string,
  routerOptions: object,
  prefix: string,
  install: (app: FastifyInstance, store: ImageStore) => void,
): Guarded {
  return {
    name,
    build(store, signer) {
      const app = fastify({ routerOptions: { maxParamLength: 5_000, ...routerOptions } as object });
      app.register(imageGuard, { signer, prefix } as never);
      app.register(async (scope) => install(scope as never, store));
      const ready = app.ready();
      return (request, response) => void ready.then(() => app.routing(request, response));
    },
  };
}

export const guardedByFastify: readonly Guarded[] = [
  ...Object.entries(routers).flatMap(([router, options]) =>
    Object.entries(sitesOfFastify).map(([name, locate]) =>
      fastifyWith(`${name}, Fastify${router}`, options, '/images', (app, { folder }) =>
        app.get('/*', (request, reply) => sendBelow(folder, () => locate(request, dirname(folder)), reply)),
      ),
    ),
  ),
  fastifyWith('files that no route names, Fastify', {}, '/images', (app, { folder }) =>
    app.setNotFoundHandler((request, reply) =>
      sendBelow(folder, () => sitesOfFastify['files by new URL']!(request, dirname(folder)), reply),
    ),
  ),
  ...['/images', '/images/'].map((prefix) =>
    fastifyWith(`@fastify/static, guarded below ${prefix}`, {}, prefix, (app, { folder }) =>
      app.register(statics, { root: folder, prefix: '/images/' }),
    ),
  ),
];

/** The site's other files are for everybody, and are left out here. */
function sendBelow(folder: string, locate: () => string, reply: FastifyReply): FastifyReply {
  try {
    const path = locate();
    if (path.startsWith(`${folder}/`)) return reply.send(readFileSync(path));
  } catch {}
  return reply.code(404).send();
}
