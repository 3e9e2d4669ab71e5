/** The interface between a response of whatever runtime and the policy that decides about it. */
import type { BodyTransform } from '../text/body-transform.ts';
import type { HeaderFields } from './header-fields.ts';

/** How a response is rewritten. */
export interface Rewrite {
  /** Undefined for a response without a body, such as that to HEAD. */
  readonly body: BodyTransform | undefined;
  /** The body stays as it is, so that the app's `Content-Length` remains right. */
  readonly keepsLength?: boolean;
  /** The client acts on each part as it comes: an encoder is flushed with each; one that cannot be is not used. */
  readonly flushes?: boolean;
}

/** Reads a body that is not rewritten. It changes nothing, and throws nothing. */
export interface BodyWatch {
  write(chunk: Uint8Array): void;
  end(): void;
}

/** `'limit'`: the body goes out as the app has sent it, the headers are limited. `'pass'`: so do the headers. */
export type Decision = Rewrite | 'limit' | 'pass';

/** Decides about one response. */
export interface RewritePolicy {
  /** Whether `decide` may read the response object (`skip` gets it), and not only the fields that it is given. */
  readonly readsResponse: boolean;
  /** Returns what watches the body of a response with this type, which is not rewritten; undefined if nobody listens. */
  watchOf(type: string): BodyWatch | undefined;
  /** The app sets a `Content-Type` before the headers are sent. @returns whether such a response may be rewritten */
  onContentType(type: string): boolean;
  /**
   * Called once, before the first byte is sent; again if Node refuses the headers.
   * @param isReadable - the body has no content coding, or only codings that can be decoded
   * @param hasBody - whether there is a body to rewrite; undefined: unless the method is HEAD
   */
  decide(status: number, fields: HeaderFields, isReadable: boolean, hasBody?: boolean): Decision;
  /** An earlier policy has decided `'limit'`, and a part of the body may have gone out: this one only chooses the limits. */
  decideLimits(status: number, fields: HeaderFields): Decision;
  /** Changes the headers of a response right before they are sent, unless it passes. Called again if another listener sets one. */
  onHeaders(fields: HeaderFields): void;
  /** The headers have been sent, or the response passes through. */
  onHeadersSent(): void;
  /** The headers have been refused: nothing is known of those that will be sent. */
  onHeadersRefused(): void;
  /** Maps the `Link` fields of early hints (103) before they are sent. */
  mapEarlyHints(links: string | string[]): string | string[];
  /**
   * An encoded body is about to be decoded and encoded again as it streams.
   * @param heldMemory - what that holds while the page is open, in bytes
   * @returns a function that gives the memory back, and may be called more than once; undefined if too much is held already
   */
  beginTranscoding(heldMemory: number): (() => void) | undefined;
  /** Too much was held, and the body did not come as a whole: it is sent as it came. */
  onTranscodingRefused(): void;
  /** The body cannot be decoded: the original bytes are sent, or the response is aborted. */
  onCorruptBody(): void;
}
