/** The `Content-Length` of a response whose body is another one than the app's. */
import type { ServerResponse } from 'node:http';
import type { HeaderFields } from '../../http/header-fields.ts';

/**
 * The `Content-Length` of a body that is rewritten. We set it until the body goes to another middleware that may change
 * it once more (a live reload adds its script). From then on that middleware sets it, and we must not.
 */
export class ContentLength {
  /** The length of the whole new body, if it is known before the headers go out. */
  wholeLength: number | undefined;
  /** How many bytes the app has written. */
  received = 0;
  /** How many bytes have gone to the methods below. */
  sent = 0;
  #isOurs: boolean;

  /** @param isRight - the new body is already in place, and its length is set */
  constructor(isRight: boolean) {
    this.#isOurs = !isRight;
  }

  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** A middleware below may change the body: set the length right once, and leave it alone from here on. */
  handOver(fields: HeaderFields, response: ServerResponse): void {
    if (this.#isOurs) updateContentLength(fields, this.wholeLength);
    removeInternalLength(response);
    this.#isOurs = false;
  }

  onHeaders(fields: HeaderFields, response: ServerResponse): void {
    if (this.#isOurs) {
      updateContentLength(fields, this.wholeLength);
      if (this.wholeLength === undefined) removeInternalLength(response); // if it is known, Node is about to send it
    }
    // A middleware below has delayed the app's own `writeHead` call, and makes it now, with the old body's length.
    else if (this.received !== this.sent && fields.get('Content-Length') === String(this.received))
      fields.remove('Content-Length');
  }
}

/**
 * `@hono/node-server` assigns the body's length to Node's internal `_contentLength`, so that no header shows it.
 * Removing a header that is not set tells Node not to add it.
 */
function removeInternalLength(response: ServerResponse): void {
  const { _contentLength } = response as { readonly _contentLength?: unknown };
  if (typeof _contentLength === 'number') response.removeHeader('Content-Length');
}

/**
 * A length must not be sent with `Transfer-Encoding` (RFC 9112, 6.2), which trailers need in HTTP/1.1.
 * @param length - of the rewritten body in bytes; undefined if it is not known yet
 */
export function updateContentLength(fields: HeaderFields, length: number | undefined): void {
  if (fields.get('Content-Length') === undefined) return;
  const isFramed = fields.get('Transfer-Encoding') !== undefined || fields.get('Trailer') !== undefined;
  if (length === undefined || isFramed) fields.remove('Content-Length');
  else if (fields.get('Content-Length') !== String(length)) fields.set('Content-Length', String(length));
}
