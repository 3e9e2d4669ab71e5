/**
 * Looks for the URLs of images in a body that is not rewritten, so that a site can be told that they stay without a token.
 * It holds nothing back and changes nothing. It keeps some of what has passed, since chunks may cut a URL anywhere.
 */
import type { BoundScheme } from '../schemes/bound.ts';
import { DeliveryUrlWalk } from './delivery-url-walk.ts';
import { createStartFinder, type UrlStart } from './url-starts.ts';

/** What is read at once, in characters: a stream of single bytes takes no longer than one of pages. */
const batch = 16 * 1024;
/** A URL is judged once so much of what follows it is there: its token comes last. */
const ahead = 4 * 1024;
/** What stands before a URL says whether it is one: its scheme, or the host of another. */
const behind = 512;

export class TextWatch {
  readonly #findStarts: (text: string) => UrlStart[];
  #onUrl: (() => void) | undefined;
  #text = '';
  /** As much of the text has been judged. */
  #judged = 0;

  /** @param onUrl - called once, at the first URL of an image without a token */
  constructor(schemes: readonly BoundScheme[], onUrl: () => void) {
    this.#findStarts = createStartFinder(schemes);
    this.#onUrl = onUrl;
  }

  /** Whether it has called `onUrl`: it needs no more. */
  get isDone(): boolean {
    return this.#onUrl === undefined;
  }

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = 0; at < bytes.length && !this.isDone; at += batch) {
      this.#text += bytes.toString('latin1', at, at + batch);
      if (this.#text.length < batch) continue;
      const to = this.#text.length - ahead;
      this.#judge(to);
      const kept = Math.max(0, to - behind);
      this.#text = this.#text.slice(kept);
      this.#judged = to - kept;
    }
  }

  end(): void {
    if (!this.isDone) this.#judge(this.#text.length);
    this.#text = '';
    this.#judged = 0;
  }

  /** @param to - URLs that start behind this are judged later */
  #judge(to: number): void {
    const starts = this.#findStarts(this.#text).filter(({ isElsewhere }) => !isElsewhere);
    const isBare = starts.some(
      (start, index) =>
        start.at >= this.#judged &&
        start.at < to &&
        hasNoToken(this.#text, start, starts[index + 1]?.at ?? this.#text.length),
    );
    if (!isBare) return;
    this.#onUrl?.();
    this.#onUrl = undefined;
  }
}

/** Whether a URL of an image that is signed starts there, and carries no token. */
function hasNoToken(text: string, start: UrlStart, end: number): boolean {
  const walk = new DeliveryUrlWalk(text, start, start.percentDepth, end, end);
  if (walk.edits().length > 0) return false;
  return start.schemes.some((scheme) => {
    const image = scheme.resolve(walk.path);
    return typeof image === 'object' && !image.lifetime.alwaysPublic;
  });
}
