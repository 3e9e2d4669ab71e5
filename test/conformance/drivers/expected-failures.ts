/** Marks that several drivers share: what cannot be had there, and why. */
import type { Marks } from './driver.ts';
import { streamedHeadersFirst } from './headers-first.ts';

const ownTags = "the framework's own tags bring a 304 within the step, and a page after it";

const oldTags = "the framework's own tag, from before pages were signed, brings a page";
const none = 'it makes no tags, and compares none';

export const noTags: Marks = { caching: { [ownTags]: none, [oldTags]: none } };

const ownAnswers: Marks = {
  caching: {
    [oldTags]:
      'its middleware answers 304 of itself, without a type that would tell a page: docs/caching.md says so',
  },
};

export const overFetch: Marks = {
  encodings: {
    'br is decoded, signed and encoded again':
      'DecompressionStream knows no brotli: it passes as it came, and is reported',
  },
  guard: { 'a spelling that a URL resolves to an image brings none': 'a Request has resolved its URL' },
};

export const noViews: Marks = { views: { '*': 'it has no views' } };

const ownViews: Marks = {
  views: { '*': "its views are functions that the handler calls, with what c.get('signImage') gives" },
};

const clean = 'it ends a body whose source has failed as if it were whole, without us too';
export const endsCleanly: Marks = {
  streams: { 'a source that fails after its first part ends the connection, without a clean end': clean },
  encodings: { 'a body that turns out corrupt late ends without a clean end': clean },
};

const encodesBefore = 'compression mounted before the signer encodes what is signed';
const encodesAfter = 'compression mounted after the signer is taken off, and put on again';
const noCompression = 'the network before it compresses, and Workers have no such middleware';
export const compressedOutside: Marks = {
  encodings: { [encodesBefore]: noCompression, [encodesAfter]: noCompression },
};

export const encodedTwice: Marks = {
  encodings: {
    [encodesBefore]: 'Workers encode by themselves what says that it is encoded: twice then, without us too',
  },
};

/** All of them, group by group. */
export function marks(...several: readonly Marks[]): Marks {
  const groups = new Set(several.flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    [...groups].map((group) => [group, Object.assign({}, ...several.map((each) => each[group]))]),
  );
}

export const ofHono: Marks = marks(overFetch, ownViews, ownAnswers, streamedHeadersFirst);
