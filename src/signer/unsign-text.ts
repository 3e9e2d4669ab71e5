/** Walks over the delivery URLs in a text of any kind: takes their tokens off, or looks for one that has none. */
import type { Configuration } from '../options/configuration.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import type { Edit } from '../text/edit.ts';
import { slashBefore } from '../values/escaped-url.ts';
import { DeliveryUrlWalk } from './delivery-url-walk.ts';
import { createStartFinder, type UrlStart } from './url-starts.ts';

/**
 * One pass reads on behind a token that goes. Another is needed where what follows is escaped in another way, or where a
 * scheme's own `strip` says what a token is, for which there are no words.
 */
const maxPasses = 8;

/** How many URLs the parameters of one behind another host may hold, whose own token stands behind them. */
const maxUrlsWithin = 3;

/**
 * Makes a function that takes the tokens off all delivery URLs in a text. Nothing else changes: of each URL only the
 * parameters of its token go, or what the scheme's own `strip` takes off, and the words right behind a token stay.
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
      // A path ends before the next URL, unless that is a part of it. A parameter may hold one, whose own parameters may be
      // the outer URL's.
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

/** Whether a URL is a part of the path of another one, as in that of an image optimizer. */
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

/** Edits may overlap: a parameter belongs to the URL around another one as well. */
function apply(text: string, edits: Edit[]): string {
  let out = '';
  let done = 0;
  for (const { start, end, text: replacement } of edits.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start >= done) out += text.slice(done, start) + replacement;
    done = Math.max(done, end);
  }
  return done === 0 ? text : out + text.slice(done);
}

/** What is read at once, in characters: a stream of single bytes takes no longer than one of pages. */
const batch = 16 * 1024;
/** A URL is judged once so much of what follows it is there: its token comes last. */
const ahead = 4 * 1024;
/** What stands before a URL says whether it is one: its scheme, or the host of another. */
const behind = 512;

/**
 * Looks for the URLs of images in a body that is not rewritten, so that a site hears that they stay without a token. It holds
 * nothing back and changes nothing. It keeps some of what has passed, since chunks may cut a URL anywhere.
 */
export class TextWatch {
  readonly #findStarts: (text: string) => UrlStart[];
  #onUrl: (() => void) | undefined;
  #text = '';
  /** How much of the text has been judged. */
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
