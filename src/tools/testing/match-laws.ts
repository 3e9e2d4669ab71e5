/** What `match` finds: the scheme's own URLs and no others, whatever the URLs look like. */
import { checkUntokened } from './sign-laws.ts';
import type { Found, Subject } from './subject.ts';
import {
  hostilePaths,
  hostileQueries,
  insertSegments,
  prototypeNames,
  replaceLastSegment,
  respellOrigin,
  withQuery,
} from './variations.ts';

/** @returns what `match` finds for one of the examples */
export function requireMatch(subject: Subject, url: string): Found {
  const found = subject.find(url);
  if (found === undefined)
    subject.fail('match', 'match finds each of `urls`, which stand under one of the bases', url, 'undefined');
  if (found.image.id === '') subject.fail('match', 'the id of an image is not empty', url, found.image);
  const again = subject.find(url);
  if (again?.image.id !== found.image.id)
    subject.fail('deterministic', 'match finds the same again', url, again?.image ?? 'undefined');
  return found;
}

/** A URL that only quotes one of the scheme's own in its query is still foreign. */
export function checkForeign(subject: Subject, foreign: string, urls: readonly string[]): void {
  for (const each of [foreign, ...urls.map((url) => withQuery(foreign, `u=${url.replace('?', '&')}`))]) {
    const found = subject.find(each);
    if (found !== undefined) subject.fail('match', 'match finds none of `foreign`', each, found.image);
  }
}

/** Everything in a page that begins with a base gets to `match`, and from there to `sign`. */
export function checkHostile(subject: Subject, url: string, { place }: Found, exp: number): void {
  const terms = { exp, ttl: 60, step: 0 };
  const start = url.slice(0, place.path + 1);
  const hostile = [
    ...hostilePaths.flatMap((text) => [start + text, replaceLastSegment(url, text, place.query)]),
    ...hostilePaths.map((text) => insertSegments(url, text, place.query)),
    ...hostileQueries.map((text) => url.slice(0, place.query) + text),
    ...respellOrigin(url),
  ];
  for (const each of hostile) {
    if (subject.find(each) === undefined) continue;
    checkUntokened(subject, each);
    subject.sign(each, terms);
    if (subject.hasVerify) subject.verify(each, exp - 1);
  }
}

/** Ids such as `constructor` are found where other ids are, and only there. */
export function checkOrdinaryNames(subject: Subject, url: string, { place }: Found, exp: number): void {
  const terms = { exp, ttl: 60, step: 0 };
  const changes = [
    (name: string) => replaceLastSegment(url, name, place.query),
    (name: string) => insertSegments(url, name, place.query),
    (name: string) => url.slice(0, place.path + 1) + name + url.slice(place.path),
  ];
  for (const change of changes) {
    const isFound = subject.find(change('ordinary')) !== undefined;
    for (const name of prototypeNames) {
      const named = change(name);
      if ((subject.find(named) !== undefined) !== isFound) {
        const rule = `match ${isFound ? 'finds' : 'does not find'} it, as it does for any other name in its place`;
        subject.fail('ordinary names', rule, named, isFound ? 'undefined' : 'an image');
      }
      if (isFound && subject.find(subject.sign(named, terms)) === undefined)
        subject.fail('ordinary names', 'match finds it again once it is signed', named, 'undefined');
    }
  }
}
