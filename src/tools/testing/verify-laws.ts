/** What `verify` lets through: what `sign` gives, as it gives it, until it expires. */
import type { SignTerms } from '../../schemes/definition.ts';
import { hostileTexts } from './hostile-texts.ts';
import type { Found, Subject } from './subject.ts';
import { changeAt, changeLastDigits, changeParameters } from './variations.ts';

const longAfter = 1e11; // seconds

/** @param plain - the URL that was signed */
export function checkLife(subject: Subject, plain: string, signed: string, terms: SignTerms): void {
  const { exp, ttl } = terms;
  for (const now of [exp - 1, exp - ttl]) {
    const result = subject.verify(signed, now);
    if (!result.ok || result.expiresAt !== exp)
      subject.fail('verify', `a token is valid at ${now}, and expiresAt is ${exp}`, signed, result);
  }
  for (const now of [exp, exp + 1, exp + longAfter, Number.POSITIVE_INFINITY]) {
    const result = subject.verify(signed, now);
    if (result.ok || result.reason !== 'expired')
      subject.fail('verify', `a token that expires at ${exp} is 'expired' at ${now}`, signed, result);
  }
  const atNoTime = subject.verify(signed, Number.NaN);
  if (atNoTime.ok) subject.fail('verify', 'a clock that is NaN verifies nothing', signed, atNoTime);
  const bare = subject.verify(plain, exp - 1);
  if (bare.ok || bare.reason !== 'missing-signature')
    subject.fail('verify', "a URL without a token is 'missing-signature'", plain, bare);
}

/** @param isThorough - at every position; otherwise at some, which the seed decides */
export function checkTampering(
  subject: Subject,
  signed: string,
  terms: SignTerms,
  random: (end: number) => number,
  isThorough: boolean,
): void {
  const { place } = subject.find(signed) as Found; // `checkOutput` has seen to it
  const positions = isThorough
    ? Array.from({ length: signed.length }, (_, at) => at)
    : Array.from({ length: 16 }, () => random(signed.length));
  const path = signed.slice(place.path, place.query);
  const check = (tampered: string): void => checkTampered(subject, tampered, path, terms);
  for (const at of positions) {
    for (const changed of changeAt(signed, at, random)) check(changed);
    check(signed.slice(0, at));
  }
  for (const changed of changeParameters(signed)) check(changed);
  if (isThorough) for (const changed of changeLastDigits(signed)) check(changed);
}

/** `verify` gets what somebody has sent, and answers it. */
export function checkAnyText(subject: Subject, url: string, signed: string, exp: number): void {
  for (const text of hostileTexts)
    for (const each of [text, url + text, `${signed}&${text}`, text + signed])
      if (each !== signed) subject.verify(each, exp - 1);
}

function checkTampered(subject: Subject, tampered: string, path: string, terms: SignTerms): void {
  const place = tampered.includes('#') ? undefined : subject.find(tampered)?.place;
  if (place === undefined) return; // not for the guard
  const isSamePath = tampered.slice(place.path, place.query) === path;
  const opensMore = subject.definition.opensMore !== undefined;
  const result = subject.verify(tampered, terms.exp - 1);
  // Another spelling of the host, or a parameter that the token does not cover.
  if ((isSamePath || opensMore) && subject.signAnew(tampered, terms) === tampered) return;
  if (result.ok) subject.fail('verify', 'verify takes no URL that was changed', tampered, result);
  const late = subject.verify(tampered, terms.exp);
  if (!late.ok && late.reason === 'expired')
    subject.fail('verify', 'verify compares the signature before it looks at the expiry', tampered, late);
}
