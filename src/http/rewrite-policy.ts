/** The interface between a response, in any runtime, and the policy that decides about it. */
import type { BodyTransform } from '../text/body-transform.ts';
import type { HeaderFields } from './header-fields.ts';

/** How a response is rewritten. */
export interface Rewrite {
  /** Undefined for a response without a body, such as that to HEAD. */
  readonly body: BodyTransform | undefined;
  /** The body stays as it is, so that the app's `Content-Length` remains right. */
  readonly keepsLength?: boolean;
  /** The client acts on every part at once: encoders are flushed after every part, and not used if they cannot be. */
  readonly flushes?: boolean;
}

/** Reads a body that is not rewritten. It changes nothing, and throws nothing. */
export interface BodyWatch {
  write(chunk: Uint8Array): void;
  end(): void;
}

/** `'limit'`: the body passes unchanged, and the headers are limited. `'pass'`: the headers pass unchanged, too. */
export type Decision = Rewrite | 'limit' | 'pass';

/** Decides about one response. */
export interface RewritePolicy {
  /** Whether `decide` may read the response object (which `skip` gets), and not only its field argument. */
  readonly readsResponse: boolean;
  /** Returns a watch for the body of a response that is not rewritten; undefined if nobody listens. */
  watchOf(type: string): BodyWatch | undefined;
  /** The app sets a `Content-Type` before the headers are sent. @returns whether such a response may be rewritten */
  onContentType(type: string): boolean;
  /**
   * Called once, before the first byte is sent; again if Node refuses the headers.
   * @param isReadable - the body has no content coding, or only codings that can be decoded
   * @param hasBody - whether there is a body to rewrite; undefined: unless the method is HEAD
   */
  decide(status: number, fields: HeaderFields, isReadable: boolean, hasBody?: boolean): Decision;
  /** An earlier policy has decided `'limit'`, and part of the body may be sent: this one only chooses the limits. */
  decideLimits(status: number, fields: HeaderFields): Decision;
  /** Changes the headers of a response right before they are sent, unless it passes. Called again if another listener sets one. */
  onHeaders(fields: HeaderFields): void;
  /** The headers have been sent, or the response passes through. */
  onHeadersSent(): void;
  /** Node has refused the headers: the ones that will be sent are unknown. */
  onHeadersRefused(): void;
  /** Maps the `Link` fields of early hints (103) before they are sent. */
  mapEarlyHints(links: string | string[]): string | string[];
  /**
   * An encoded body is about to be decoded and encoded again as it streams.
   * @param heldMemory - in bytes, while the page is open
   * @returns a function that releases the memory, and can be called more than once; undefined if too much is in use already
   */
  beginTranscoding(heldMemory: number): (() => void) | undefined;
  /** Too much memory was in use, and the body was not whole: it passes unchanged. */
  onTranscodingRefused(): void;
  /** The body cannot be decoded: the original bytes are sent, or the response is aborted. */
  onCorruptBody(): void;
}
