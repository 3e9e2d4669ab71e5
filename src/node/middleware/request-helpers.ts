/**
 * `req.signImage` and `req.signSrcset`. In Express all requests inherit them, so that a request that uses neither does
 * not pay for them. Everywhere else they are properties of the request itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { insertPrototype } from '../http/express-prototypes.ts';
import type { RequestHelpers } from './adapter.ts';

/** The helpers of a response's request, if it has any. */
export type FindHelpers = (response: ServerResponse) => RequestHelpers | undefined;

const names = ['signImage', 'signSrcset'] as const;

/** Marks the prototype that gives the helpers to all requests of Express. */
const helpersSymbol: unique symbol = Symbol('image-signer.helpers');

type Request = IncomingMessage & {
  /** Set by Express. */
  readonly res?: ServerResponse;
  readonly [helpersSymbol]?: true;
};

export function attachHelpers(request: Request, helpers: RequestHelpers, find: FindHelpers): void {
  const isFound = request.res !== undefined && find(request.res) === helpers;
  const isInherited =
    isFound &&
    (request[helpersSymbol] || insertPrototype(request, 'request', (below) => createPrototype(below, find)));
  if (!isInherited) for (const name of names) setOwn(request, name, helpers[name]);
}

function createPrototype(below: object, find: FindHelpers): object {
  const prototype: object = Object.create(below, { [helpersSymbol]: { value: true } });
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Request) {
        return this.res === undefined ? undefined : find(this.res)?.[name];
      },
      // Assigning to an inherited property makes an own one; an accessor has to do that itself.
      set(this: Request, value: unknown) {
        setOwn(this, name, value);
      },
    });
  }
  return prototype;
}

function setOwn(request: Request, name: string, value: unknown): void {
  Object.defineProperty(request, name, { value, writable: true, configurable: true, enumerable: true });
}
