/**
 * The `Content-Length` of a body that is rewritten. It is ours to set until the body goes to a neighbour that may change
 * it once more (a live reload adds its script): from then on the length is the neighbour's, and it may have been stored.
 */
import type { ServerResponse } from 'node:http';
import type { HeaderFields } from '../http/header-fields.ts';
import { changeLength } from '../http/representation-metadata.ts';

export class BodyLength {
  /** Of the whole new body, where it is there before the headers leave. */
  whole: number | undefined;
  #isNeighbours: boolean;
  #sent = 0;

  /** @param isRight - the new body is in its place already, and its length with it */
  constructor(isRight: boolean) {
    this.#isNeighbours = isRight;
  }

  get isOurs(): boolean {
    return !this.#isNeighbours;
  }

  /** What goes to the methods below. */
  count(chunk: Uint8Array): void {
    this.#sent += chunk.length;
  }

  /** Somebody below may change the body: the length is right now, and theirs from here on. */
  handOver(fields: HeaderFields, response: ServerResponse): void {
    if (!this.#isNeighbours) changeLength(fields, this.whole);
    removeHiddenLength(response);
    this.#isNeighbours = true;
  }

  /**
   * The headers leave.
   * @param received - how many bytes the app has handed over so far
   */
  leave(fields: HeaderFields, response: ServerResponse, received: number): void {
    if (!this.#isNeighbours) {
      changeLength(fields, this.whole);
      if (this.whole === undefined) removeHiddenLength(response); // else it is what Node.js is about to send
    }
    // A neighbour has kept the app's own call of `writeHead`, and makes it now: that length is of the old body.
    else if (received !== this.#sent && fields.get('Content-Length') === String(received))
      fields.remove('Content-Length');
  }
}

/**
 * `@hono/node-server` writes the body's length where Node.js keeps its own, so that no header names it. To remove the
 * header that is not there tells Node.js to add none.
 */
function removeHiddenLength(response: ServerResponse): void {
  const { _contentLength } = response as { readonly _contentLength?: unknown };
  if (typeof _contentLength === 'number') response.removeHeader('Content-Length');
}
