/** Walks over the delivery URLs in a text of any kind: removes their tokens, or looks for one without a token. */
import type { Configuration } from '../options/configuration.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import type { Edit } from '../text/edit.ts';
import { slashBefore } from '../values/escaped-url.ts';
import { DeliveryUrlWalk } from './delivery-url-walk.ts';
import { createStartFinder, type UrlStart } from './url-starts.ts';

/**
 * A pass reads on after a token that it removes. Another pass is needed if the rest is escaped in another way, or if only a
 * scheme's own `strip` knows what a token is.
 */
const maxPasses = 8;

/** How many URLs the parameters of a URL under another host may contain before its own token. */
const maxUrlsWithin = 3;

/**
 * Creates a function that removes the tokens from all delivery URLs in a text. Nothing else changes: a URL loses only its token's
 * parameters, or what the scheme's own `strip` removes, and the words directly after a token stay.
 */
export function createTextUnsigner({ schemes }: Configuration): (text: string) => string {
  const findStarts = createStartFinder(schemes);
  const unsignOnce = (text: string): string => {
    const starts = findStarts(text);
    const ends = starts.filter(({ isElsewhere }) => !isElsewhere);
    const edits: Edit[] = [];
    let next = 0;
    for (const [index, start] of starts.entries()) {
      if (ends[next] === start) next++;
      // A path ends before the next URL, unless that is a part of it. A parameter may contain a URL, whose own parameters may
      // belong to the outer one.
      const end = isInPath(text, ends[next]) ? next + 1 : next;
      const [path, query] = start.isElsewhere
        ? [starts[index + 1], starts[index + 1 + maxUrlsWithin]]
        : [ends[end], ends[end + 1]];
      for (const edit of editsAt(text, start, path?.at ?? text.length, query?.at ?? text.length))
        edits.push(edit);
    }
    return apply(text, edits);
  };
  return (text) => {
    let [plain, before] = [unsignOnce(text), text];
    for (let pass = 1; plain !== before && pass < maxPasses; pass++) {
      before = plain;
      plain = unsignOnce(plain);
    }
    return plain;
  };
}

/** Whether a URL is in the path of another one, as in an image optimizer's. */
function isInPath(text: string, { front, at }: Partial<UrlStart> = {}): boolean {
  return front !== undefined && front !== at && slashBefore(text, front) !== undefined;
}

function editsAt(text: string, start: UrlStart, pathEnd: number, queryEnd: number): readonly Edit[] {
  const walk = new DeliveryUrlWalk(text, start, start.percentDepth, pathEnd, queryEnd);
  const edits = walk.edits();
  if (edits.length > 0 || start.percentDepth > 0) return edits;
  // Only the query of the URL is percent-encoded, or that is the name of an object.
  const question = /%((?:25){0,3})3f/i.exec(walk.path);
  if (question === null) return edits;
  return new DeliveryUrlWalk(text, start, 1 + question[1]!.length / 2, pathEnd, queryEnd).edits();
}

/** Edits may overlap: a parameter may also belong to the URL around another one. */
function apply(text: string, edits: Edit[]): string {
  let out = '';
  let done = 0;
  for (const { start, end, text: replacement } of edits.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start >= done) out += text.slice(done, start) + replacement;
    done = Math.max(done, end);
  }
  return done === 0 ? text : out + text.slice(done);
}

/** How many characters are read at a time: a stream of single bytes must not take longer than one of pages. */
const batch = 16 * 1024;
/** A URL is judged once so many characters after it are there: its token comes last. */
const ahead = 4 * 1024;
/** The text before a URL shows whether it is one: its scheme, or the host of another URL. */
const behind = 512;

/**
 * Looks for image URLs in a body that is not rewritten, to report that they have no token. It holds nothing back and changes
 * nothing. It keeps the end of the text that has passed, since a chunk may cut a URL anywhere.
 */
export class TextWatch {
  readonly #findStarts: (text: string) => UrlStart[];
  #onUrl: (() => void) | undefined;
  #text = '';
  /** The length of the judged text. */
  #judged = 0;

  /** @param onUrl - called once, at the first URL of an image without a token */
  constructor(schemes: readonly BoundScheme[], onUrl: () => void) {
    this.#findStarts = createStartFinder(schemes);
    this.#onUrl = onUrl;
  }

  /** Whether it has called `onUrl`, and needs no more text. */
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

  /** @param to - URLs that start after this are judged later */
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

/** Whether the URL of an image that would be signed starts there, without a token. */
function hasNoToken(text: string, start: UrlStart, end: number): boolean {
  const walk = new DeliveryUrlWalk(text, start, start.percentDepth, end, end);
  if (walk.edits().length > 0) return false;
  return start.schemes.some((scheme) => {
    const image = scheme.resolve(walk.path);
    return typeof image === 'object' && !image.lifetime.alwaysPublic;
  });
}
