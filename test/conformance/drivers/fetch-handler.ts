/** Over fetch: a site's answers, as the responses that `imageSigner` is given. The same on Node.js and in a Worker. */
import { imageGuard, imageSigner, signingEndpoint } from '../../../src/fetch.ts';
import type { Answer, Site } from '../site.ts';
import { askedOfWeb, spoil, webStream } from '../web.ts';
import type { Handler } from './worker-rooms.ts';

type Signed = Parameters<ReturnType<typeof imageSigner>>[1];

function responseOf({ status = 200, headers = {}, body }: Answer): Response {
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const each of [value].flat()) fields.append(name, each);
  // The runtime would encode by itself what says that it is encoded.
  const init = { status, headers: fields, encodeBody: 'manual' } as ResponseInit;
  if (body === null || typeof body === 'string') return new Response(body, init);
  if (body instanceof Uint8Array) return new Response(body as Uint8Array<ArrayBuffer>, init); // never over shared memory
  if ('json' in body) return Response.json(body.json, init);
  if ('source' in body) return spoil(new Response(webStream(body), init), body.spoilt);
  throw new Error('there are no views');
}

export function handlerOf({ endpoint, guard, guardAt = '/images', signers = [], answer }: Site): Handler {
  const respond = (request: Request, put: object): Response =>
    responseOf(answer({ ...askedOfWeb(request), ...put }));
  const guarded = guard === undefined ? undefined : imageGuard(guard as never);
  const app: Signed = (request, helpers) =>
    guarded === undefined || !new URL(request.url).pathname.startsWith(`${guardAt}/`)
      ? respond(request, helpers)
      : guarded(request, (passed, signedImage) => respond(passed, { ...helpers, signedImage }));
  const signed = signers.reduceRight<Signed>((next, options) => {
    const sign = imageSigner(options as never);
    return (request) => sign(request, next);
  }, app) as Handler; // without signers there are no helpers
  if (endpoint === undefined) return signed;
  const answers = signingEndpoint({ ...endpoint, path: '/sign' } as never);
  return (request) => answers(request, signed);
}
