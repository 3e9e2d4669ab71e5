/** The interface between a response of whatever runtime and the policy that decides about it. */
import type { BodyTransform } from '../text/body-transform.ts';
import type { HeaderFields } from './header-fields.ts';

/** How a response is rewritten. */
export interface Rewrite {
  /** Undefined for a response without a body, such as that to HEAD. */
  readonly body: BodyTransform | undefined;
  /** The body stays as it is, so that the app's `Content-Length` remains right. */
  readonly keepsLength?: boolean;
  /** The framework holds this text in place of the app's already: where it comes to be sent, its bytes are. */
  readonly placed?: PlacedText | undefined;
  /** The client acts on each part as it comes: an encoder is flushed with each; one that cannot be is not used. */
  readonly flushes?: boolean;
}

export interface PlacedText {
  readonly text: string;
  /** The same in UTF-8. */
  readonly bytes: Buffer;
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
  /**
   * Whether the headers of a response with this status may have to change whatever its type is, so that `decide` is called: a
   * 304, which has no type; a redirect, which may lead to an image; and a response into which the app has put tokens itself,
   * or what depends on the viewer.
   */
  mayChangeHeaders(status: number): boolean;
  /** Returns what watches the body of a response with this type, which is not rewritten; undefined if nobody listens. */
  watchOf(type: string): BodyWatch | undefined;
  /** The app sets a `Content-Type` before the headers are sent. @returns whether such a response may be rewritten */
  onContentType(type: string): boolean;
  /**
   * Called once, before the first byte is sent; again if Node refuses the headers.
   * @param isReadable - the body has no content coding, or only codings that can be decoded
   */
  decide(status: number, fields: HeaderFields, isReadable: boolean): Decision;
  /** An earlier policy has decided `'limit'`, and a part of the body may have gone out: this one only chooses the limits. */
  decideLimits(status: number, fields: HeaderFields): Decision;
  /** Changes the headers of a response right before they are sent, unless it passes. Called again if another listener sets one. */
  onHeaders(fields: HeaderFields): void;
  /**
   * Headers bypass the response: the app sends them by a stream of HTTP/2, or with a response that it pushes. The body that
   * follows them is not rewritten. May change the headers.
   */
  onBypass(status: number, fields: HeaderFields): void;
  /** The headers have been sent, or the response passes through. */
  onHeadersSent(): void;
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
