/**
 * `req.signImage` and `req.signSrcset`. On an app of Express all requests inherit them, so that a request that asks
 * for neither pays for neither; elsewhere they are the request's own.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { insertLayer } from '../../node-http/express-prototypes.ts';
import type { RequestHelpers } from './adapter.ts';

/** The helpers of a response's request, if it has some. */
export type FindHelpers = (response: ServerResponse) => RequestHelpers | undefined;

const names = ['signImage', 'signSrcset'] as const;

/** On the layer that requests inherit the helpers from. */
const helpedSymbol: unique symbol = Symbol('image-signer.helped');

type Request = IncomingMessage & {
  /** Express sets it. */
  readonly res?: ServerResponse;
  readonly [helpedSymbol]?: true;
};

export function attachHelpers(request: Request, helpers: RequestHelpers, find: FindHelpers): void {
  const isFound = request.res !== undefined && find(request.res) === helpers;
  const isShared =
    isFound &&
    (request[helpedSymbol] || insertLayer(request, 'request', (below) => createLayer(below, find)));
  if (!isShared) for (const name of names) setOwn(request, name, helpers[name]);
}

function createLayer(below: object, find: FindHelpers): object {
  const layer: object = Object.create(below, { [helpedSymbol]: { value: true } });
  for (const name of names) {
    Object.defineProperty(layer, name, {
      configurable: true,
      get(this: Request) {
        return this.res === undefined ? undefined : find(this.res)?.[name];
      },
      // As with any property that is inherited: what is assigned is the request's own.
      set(this: Request, value: unknown) {
        setOwn(this, name, value);
      },
    });
  }
  return layer;
}

function setOwn(request: Request, name: string, value: unknown): void {
  Object.defineProperty(request, name, { value, writable: true, configurable: true, enumerable: true });
}
