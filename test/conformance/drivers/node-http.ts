/** A bare server: middleware is called one after the other, and the page written by hand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import compression from 'compression';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from '../../../src/index.ts';
import type { Answer, Site } from '../site.ts';
import { askedOf, type ListeningDriver, nodeDriver, readable, type Step } from './driver.ts';
import { marks, noTags, noViews } from './expected-failures.ts';
import { headersFirst } from './headers-first.ts';
import { inOrder } from './in-order.ts';

/** Nothing takes a mount's path off here: the endpoint is told it. */
function stepsOf({ endpoint, guard, guardAt = '/images', signers = [], compress }: Site): Step[] {
  const sign = signers.map((options) => imageSigner(options as never));
  const steps = inOrder<Step>(sign, compression({ threshold: 0 }) as Step, compress);
  if (endpoint !== undefined) steps.unshift(signingEndpoint({ ...endpoint, path: '/sign' } as never));
  if (guard !== undefined) {
    const judge = imageGuard(guard as never);
    steps.push((request, response, next) =>
      request.url!.startsWith(guardAt) ? judge(request, response, next) : next(),
    );
  }
  return steps;
}

/** With `writeHead` and `end`, or a pipeline. */
function writeAnswer({ status = 200, headers = {}, body }: Answer, response: ServerResponse): void {
  if (body !== null && typeof body === 'object' && 'view' in body) throw new Error('there are no views');
  response.writeHead(status, headers);
  if (body === null) response.end();
  else if (typeof body === 'string' || body instanceof Uint8Array) response.end(body);
  else if ('json' in body) response.end(JSON.stringify(body.json));
  else pipeline(readable(body), response, () => {});
}

export const nodeHttp: ListeningDriver = nodeDriver({
  name: 'node:http',
  cannot: marks(noTags, noViews, headersFirst),
  createSigner: (options) => createSigner(options as never),
  headerOf: (viewer, name) => (viewer as IncomingMessage).headers[name]?.toString(),
  build: (site) => {
    const steps = stepsOf(site);
    return (request, response) => {
      const run = (index: number): void => {
        if (index < steps.length) steps[index]!(request, response, () => run(index + 1));
        else writeAnswer(site.answer(askedOf(request)), response);
      };
      try {
        run(0);
      } catch {
        // The process would end.
        response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Internal Server Error');
      }
    };
  },
});
