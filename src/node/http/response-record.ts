/**
 * Keeps one record for each response, where it costs least. Express gives each of its messages a hidden class of its own: to
 * look up a missing symbol on one takes V8 a microsecond, to add one two or three. The state that Node.js keeps of the request's
 * body is an object of one class for all, and lives as long as the request: there a record costs next to nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyStateOf, propertyOf, requestOf } from './message-property.ts';

/** What is kept. Another copy of the package (ESM beside CommonJS) reads these two as well. */
export interface ResponseRecord {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The property that holds a record. From the registry: ESM and CommonJS copies share it. */
const recordSymbol: unique symbol = Symbol.for('image-signer.response-state') as never;

interface Recorded<Kept> {
  [recordSymbol]?: Kept;
}

const hasOwn = Object.prototype.hasOwnProperty;

/** Keeps a record on the response itself. */
export function keepOnResponse(record: ResponseRecord): void {
  (record.response as Recorded<ResponseRecord>)[recordSymbol] = record;
}

/** Keeps the record of a message of Express. A request that is no stream of Node.js, or has a record, leaves it to the response. */
export function keepOnRequest(record: ResponseRecord): void {
  const state = stateOf<ResponseRecord>(record.request);
  if (
    requestOf(record.response) !== record.request ||
    state === undefined ||
    state[recordSymbol] !== undefined
  )
    keepOnResponse(record);
  else state[recordSymbol] = record;
}

/** @returns undefined for a response that the middleware has not seen */
export function recordOf<Kept extends ResponseRecord>(response: ServerResponse): Kept | undefined {
  if (hasOwn.call(response, recordSymbol)) return propertyOf(response as Recorded<Kept>, recordSymbol);
  // Of an object that inherits from the response. All responses of Express have one prototype, which V8 looks up at once.
  const inherited = (Object.getPrototypeOf(response) as Recorded<Kept> | null)?.[recordSymbol];
  if (inherited !== undefined) return inherited;
  const record = stateOf<Kept>(requestOf(response))?.[recordSymbol];
  return record !== undefined && isSame(response, record.response) ? record : undefined;
}

/** What Node.js knows of a request's body. */
function stateOf<Kept>(request: IncomingMessage | undefined): Recorded<Kept> | undefined {
  const state = request && bodyStateOf(request as object);
  return typeof state === 'object' && state !== null ? state : undefined;
}

/** An app may answer a request on a response of its own as well, or pass on a proxy of the response. */
function isSame(a: ServerResponse, b: ServerResponse): boolean {
  return a === b || (listenersOf(a) !== undefined && listenersOf(a) === listenersOf(b));
}

/** Each emitter has an object of its own for its listeners. */
function listenersOf(response: ServerResponse): unknown {
  return propertyOf(response as { readonly _events?: unknown }, '_events');
}
