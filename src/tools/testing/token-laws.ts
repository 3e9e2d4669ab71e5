/**
 * What a token opens: the URL that was signed, in one spelling, until it expires. Schemes without `verify` are held to it as
 * well: their URLs are valid if they are what `sign` gives.
 */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Found, Subject } from './subject.ts';
import {
  changeAt,
  changeLastDigits,
  changeParameters,
  hostileTexts,
  replaceLastSegment,
  respellPath,
} from './variations.ts';

const longAfter = 1e11; // seconds

/**
 * Names that a scheme gets unless it has `plainNames`. Each stands with the name that a server would read instead if it decoded
 * the path once more, or merged slashes.
 */
const names: readonly (readonly [name: string, other: string])[] = [
  ['photo%20%2523.jpg', 'photo%20%23.jpg'],
  ['what%253F.jpg', 'what%3F.jpg'],
  ['100%252541.jpg', '100%2541.jpg'],
  ['a%255Eb.jpg', 'a%5Eb.jpg'],
  ['a//b.jpg', 'a/b.jpg'],
];

/** Names that would be something else if a part of the URL were decoded: a query, a fragment, a folder. */
const separators = 'a%3Fv=1.jpg a%23b.jpg a%2Fb.jpg a%5Cb.jpg a%20b.jpg ..;/a.jpg'.split(' ');

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

export function checkPath(
  subject: Subject,
  signed: string,
  terms: SignTerms,
  random: (end: number) => number,
): void {
  // A policy for a whole folder opens every image in it, by design.
  if (subject.definition.opensMore !== undefined) return;
  const found = subject.find(signed) as Found; // `checkOutput` has seen to it
  const { path, query } = found.place;
  const changes = Array.from({ length: query - path - 1 }, (_, index) =>
    changeAt(signed, path + 1 + index, random),
  ).flat();
  for (const changed of [...changes, ...respellPath(signed, path, query)]) {
    if (changed.includes('#') || subject.find(changed) === undefined) continue;
    const [law, rule] =
      decode(changed) === decode(signed)
        ? ([
            'one spelling',
            'a token is valid for one spelling of a path: sign it as it is written, or write it anew from the decoded name in `sign` (`respell` of defineScheme)',
          ] as const)
        : (['binds the path', 'a token is valid for one path'] as const);
    if (subject.hasVerify && subject.verify(changed, terms.exp - 1).ok)
      subject.fail(law, rule, changed, 'verify takes it');
    if (subject.signAnew(changed, terms) === changed)
      subject.fail(law, rule, changed, 'the same token as before the change');
  }
}

/** A scheme need not sign such names. If it does, each is an image of its own. */
export function checkNames(subject: Subject, url: string, { place, base }: Found, terms: SignTerms): void {
  const { definition } = subject;
  if (definition.plainNames === true || definition.hasFreePath === true || base.authority === undefined)
    return;
  for (const name of separators) {
    const named = replaceLastSegment(url, name, place.query);
    const found = subject.find(named, true);
    if (found !== undefined) signSameImage(subject, named, found, terms);
  }
  for (const [name, other] of [...names, ...names.map(([one, two]) => [two, one] as const)]) {
    const [named, confused] = [name, other].map((each) => replaceLastSegment(url, each, place.query));
    const found = subject.find(named!);
    if (found === undefined) continue;
    const { id } = found.image;
    const signed = signSameImage(subject, named!, found, terms);
    if (subject.find(confused!)?.image.id === id)
      subject.fail('match', `the id is not that of ${confused}`, named!, found.image);
    if (definition.opensMore === undefined) checkMoved(subject, signed, [name, other], terms);
  }
}

function signSameImage(subject: Subject, url: string, { image }: Found, terms: SignTerms): string {
  const signed = subject.sign(url, terms);
  const again = subject.find(signed)?.image;
  if (again?.id !== image.id)
    subject.fail('match', 'match finds the same id in the signed URL', signed, again ?? 'undefined');
  return signed;
}

/** The token of one name, in a URL of the other. */
function checkMoved(
  subject: Subject,
  signed: string,
  [name, other]: readonly [string, string],
  terms: SignTerms,
): void {
  const at = signed.indexOf(name);
  const moved = signed.slice(0, at) + other + signed.slice(at + name.length);
  if (at < 0 || subject.find(moved) === undefined) return;
  const isTaken = subject.hasVerify && subject.verify(moved, terms.exp - 1).ok;
  if (isTaken || subject.signAnew(moved, terms) === moved)
    subject.fail('binds the path', 'a token is valid for one name', moved, `it is the token of ${signed}`);
}

/** As a lenient server reads it: what is no escape stays. */
function decode(url: string): string {
  return url.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
