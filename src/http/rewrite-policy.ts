/** Who decides about a response that is intercepted, and what is asked of them. */
import type { BodyTransform } from '../body-transform.ts';
import type { HeaderFields } from './header-fields.ts';

/** What goes out instead of what the app has written. */
export interface Rewrite {
  /** Undefined for a response without a body of its own, such as that to HEAD. */
  readonly body: BodyTransform | undefined;
  /** The body is in its place already, and its length is right if one is given. */
  readonly keepsLength?: boolean;
}

/** Who decides. */
export interface RewritePolicy {
  /** Whether deciding asks the response itself for its headers, and not only the fields that are handed over. */
  readonly readsResponse: boolean;
  /** A `Content-Type` is set while the headers may still change: may this response be rewritten? */
  onContentType(type: string): boolean;
  /**
   * Asked once, before the first byte goes out.
   * @param isReadable - the bytes that the app hands over are not encoded, or in a way that can be undone
   * @returns undefined to let the response be
   */
  decide(status: number, fields: HeaderFields, isReadable: boolean): Rewrite | undefined;
  /** The headers of a response that is rewritten leave: the last chance to change them. Again, where one is set after. */
  onHeaders(fields: HeaderFields): void;
  /** The headers are out, or the response is let be. */
  onHeadersSent(): void;
  /** Early hints leave. */
  mapEarlyHints(links: string | string[]): string | string[];
  /** The body cannot be decoded, and passes as it came, or breaks off. */
  onCorruptBody(): void;
}
