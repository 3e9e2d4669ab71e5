/** Express 4 and 5: what they answer is sent by `res.send`, `res.json` and `res.render`. */
import type { RequestListener } from 'node:http';
import { pipeline } from 'node:stream';
import compression from 'compression';
import express, { type Express, type Request, type Response } from 'express';
import expressFour from 'express4';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from '../../../src/index.ts';
import type { Answer, Site, ViewData } from '../site.ts';
import { askedOf, type ListeningDriver, nodeDriver, readable, type Step } from './driver.ts';
import { inOrder } from './in-order.ts';

function sendAnswer({ status = 200, headers = {}, body }: Answer, response: Response): void {
  response.status(status).set(headers);
  if (body === null) response.end();
  else if (typeof body === 'string') response.send(body);
  else if (body instanceof Uint8Array) response.send(Buffer.from(body));
  else if ('json' in body) response.json(body.json);
  else if ('view' in body) response.render(body.view, body.data);
  else pipeline(readable(body), response, () => {});
}

/** In the place of files and engines. */
function viewsOf(site: Site): object {
  return class {
    readonly path = 'there';
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    render(data: ViewData, done: (error: unknown, text: string) => void): void {
      done(null, site.views![this.#name]!(data));
    }
  };
}

function expressDriver(name: string, create: () => Express): ListeningDriver {
  return nodeDriver({
    name,
    createSigner: (options) => createSigner(options as never),
    headerOf: (viewer, header) => (viewer as Request).get(header),
    build: (site): RequestListener => {
      const { endpoint, guard, guardAt = '/images', signers = [], compress } = site;
      const app = create().set('view', viewsOf(site));
      if (endpoint !== undefined) app.use('/sign', signingEndpoint(endpoint as never));
      const sign = signers.map((options) => imageSigner(options as never));
      for (const step of inOrder<Step>(sign, compression({ threshold: 0 }) as Step, compress)) app.use(step);
      if (guard !== undefined) app.use(guardAt, imageGuard(guard as never));
      return app.use((request, response) => sendAnswer(site.answer(askedOf(request)), response));
    },
  });
}

export const express4: ListeningDriver = expressDriver('Express 4', expressFour);
export const express5: ListeningDriver = expressDriver('Express 5', express);
