/** Connect: mounts, and an error page; the page is written with what `node:http` has. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import compression from 'compression';
import connect from 'connect';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from '../../../src/index.ts';
import type { Answer } from '../site.ts';
import { askedOf, type ListeningDriver, nodeDriver, readable, type Step } from './driver.ts';
import { marks, noTags, noViews } from './expected-failures.ts';
import { wholeHeadersFirst } from './headers-first.ts';
import { inOrder } from './in-order.ts';

/** With `setHeader`, `write` and `end`, or a pipeline. */
function sendAnswer({ status = 200, headers = {}, body }: Answer, response: ServerResponse): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === null) response.end();
  else if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = Buffer.from(body as string);
    response.write(bytes.subarray(0, 7));
    response.end(bytes.subarray(7));
  } else if ('json' in body) response.end(JSON.stringify(body.json));
  else if ('source' in body) pipeline(readable(body), response, () => {});
  else throw new Error('there are no views');
}

export const onConnect: ListeningDriver = nodeDriver({
  name: 'Connect',
  cannot: marks(noTags, noViews, wholeHeadersFirst),
  createSigner: (options) => createSigner(options as never),
  headerOf: (viewer, name) => (viewer as IncomingMessage).headers[name]?.toString(),
  build: ({ endpoint, guard, guardAt = '/images', signers = [], compress, answer }) => {
    const app = connect();
    if (endpoint !== undefined) app.use('/sign', signingEndpoint(endpoint as never));
    const sign = signers.map((options) => imageSigner(options as never));
    for (const step of inOrder<Step>(sign, compression({ threshold: 0 }) as Step, compress)) app.use(step);
    if (guard !== undefined) app.use(guardAt, imageGuard(guard as never));
    app.use((request, response) => sendAnswer(answer(askedOf(request)), response));
    return app;
  },
});
