/**
 * One token opens one image, in one spelling. This holds for schemes without `verify` too: their URLs are valid if they
 * are what `sign` gives.
 */
import type { SignTerms } from '../schemes/definition.ts';
import type { Found, Law, Subject } from './subject.ts';
import { changeAt, respellPath } from './variations.ts';

export function checkPath(
  subject: Subject,
  signed: string,
  terms: SignTerms,
  random: (end: number) => number,
): void {
  // A policy for a whole folder opens every image in it, by design.
  if (subject.parts.traits.opensMore !== undefined) return;
  const found = subject.find(signed) as Found; // `checkOutput` has seen to it
  const { path, query } = found.place;
  for (const spelling of respellPath(signed, path, query))
    requireInvalid(subject, 'one spelling', 'a token is valid for one spelling of a path', spelling, terms);
  for (let at = path + 1; at < query; at++)
    for (const changed of changeAt(signed, at, random))
      requireInvalid(subject, 'binds the path', 'a token is valid for one path', changed, terms);
}

function requireInvalid(subject: Subject, law: Law, rule: string, url: string, terms: SignTerms): void {
  if (url.includes('#') || subject.find(url) === undefined) return;
  if (subject.hasVerify && subject.verify(url, terms.exp - 1).ok)
    subject.fail(law, rule, url, 'verify takes it');
  if (subject.signAnew(url, terms) === url)
    subject.fail(law, rule, url, 'the same token as before the change');
}
