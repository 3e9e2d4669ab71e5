/**
 * What `sign` puts on a URL, and `strip` takes off again: the same text on every machine, which expires and which is fit for
 * a page. Here are the terms, too, that a scheme is tried with, at instants where date arithmetic goes wrong.
 */
import type { SignTerms } from '../../schemes/definition.ts';
import { type EpochSeconds, expiryOf, stepOf } from '../../signing/expiry.ts';
import type { Found, Subject } from './subject.ts';
import { changeParameters, withQuery } from './variations.ts';

/** The last second before each of these, and the instant itself. */
const boundaries = [
  '2026-03-01T00:00:00Z', // of a day and a month
  '2027-01-01T00:00:00Z', // of a year
  '2028-02-29T00:00:00Z', // of a leap day
  '2028-03-01T00:00:00Z',
  '2038-01-19T03:14:08Z', // of signed integers of 32 bits
  '2100-03-01T00:00:00Z', // of a year that is divisible by 4 and not a leap year
];

/** In seconds: a ttl, and the option `stableFor` (undefined: its default). */
const policies: readonly (readonly [ttl: number, stableFor: number | undefined])[] = [
  [3_600, undefined],
  [60, undefined],
  [1, 0],
  [600, 0],
  [3_600, 3_600],
  [86_400, undefined],
  [604_800, 0],
  [31_622_400, undefined],
];

const hundredDays = 8_640_000_000; // milliseconds

/** A token is some hundred bytes long, and a page can hold thousands. */
const maxTokenLength = 4_096;

/** What other parts of a site add to a URL. */
const otherQueries = [
  'v=3&dl=a%20b',
  'u=/a?b',
  'dl=a%20b&v=3&v=2',
  '__proto__=1&constructor=2',
  'a=1&b=2&c=3&v=',
];

/** The terms of one instant, and those of the next step. */
interface TermsPair {
  readonly terms: SignTerms;
  /** Computed at another instant of the same step: equal, but not the same object. */
  readonly same: SignTerms;
  readonly next: SignTerms;
}

/** @param longestLife - in seconds; undefined if there is no limit. The signer keeps `ttl + step` within it. */
export function listTerms(longestLife: number | undefined): readonly TermsPair[] {
  const allowed = policies
    .map(([ttl, stableFor]) => ({ ttl, step: stepOf(ttl, stableFor) }))
    .filter(({ ttl, step }) => ttl + step <= (longestLife ?? Number.POSITIVE_INFINITY));
  return allowed.flatMap(({ ttl, step }) =>
    boundaries
      .flatMap((text) => [Date.parse(text) / 1000 - 1, Date.parse(text) / 1000])
      .map((now) => {
        const termsAt = (instant: number): SignTerms =>
          Object.freeze({ exp: expiryOf(instant as EpochSeconds, ttl, step), ttl, step });
        const terms = termsAt(now);
        // `exp - ttl` is the last second of the step, or `now` itself if there are no steps.
        return { terms, same: termsAt(terms.exp - ttl), next: termsAt(terms.exp - ttl + 1) };
      }),
  );
}

/** @param others - URLs that are signed in between, as in a page */
export function checkDeterminism(
  subject: Subject,
  url: string,
  { terms, same, next }: TermsPair,
  others: readonly string[],
): void {
  const signed = subject.sign(url, terms);
  const expect = (rule: string, came: string): void => {
    if (came !== signed) subject.fail('deterministic', `sign gives the same ${rule}`, url, [signed, came]);
  };
  expect('when it is asked again', subject.sign(url, terms));
  const later = subject.sign(url, next);
  if (later === signed)
    subject.fail('expires', `another exp (${next.exp}, not ${terms.exp}) gives another URL`, url, signed);
  for (const other of others) subject.sign(other, next);
  expect('after other URLs were signed', subject.sign(url, terms));
  expect('throughout a step', subject.sign(url, same));
  expect(
    'whatever time it is',
    underOtherClock(() => subject.sign(url, terms)),
  );
}

/** Whether what comes out can be put in the place of what went in. */
export function checkOutput(subject: Subject, url: string, found: Found, terms: SignTerms): string {
  const signed = subject.sign(url, terms);
  const fail = (rule: string): never => subject.fail('output', rule, url, signed);
  const unfit = Array.from(signed).find((character) => isUnfit(character, url));
  if (unfit !== undefined)
    fail(
      `a signed URL is ASCII without spaces, quotes, <, >, \\ and #, but it holds ${JSON.stringify(unfit)}`,
    );
  if (!signed.startsWith(url.slice(0, found.place.path + 1)))
    fail('a signed URL begins with the same origin and base, as they were written');
  const again = subject.find(signed);
  if (again?.base !== found.base || again.image.id !== found.image.id)
    subject.fail('match', 'match finds the same id in the signed URL', signed, again?.image ?? 'undefined');
  if (signed.length > url.length + maxTokenLength)
    fail(`a signed URL is ${maxTokenLength} characters longer at most, not ${signed.length - url.length}`);
  return signed;
}

/** @param url - without a token */
export function checkStrip(subject: Subject, url: string, terms: SignTerms): void {
  checkUntokened(subject, url);
  const signed = subject.sign(url, terms);
  // A scheme may spell a query its own way when it signs, but only once.
  const plain = subject.strip(signed);
  if (plain === signed) subject.fail('strip', 'strip takes off what sign has put on', signed, plain);
  if (subject.strip(plain) !== plain)
    subject.fail('strip', 'strip leaves nothing to strip', signed, [plain, subject.strip(plain)]);
  const left = parametersOf(plain);
  if (left !== parametersOf(url) && left !== parametersOf(withSortedQuery(url)))
    subject.fail(
      'strip',
      'strip leaves the other parameters as they are, in their order, or sorted by their names',
      signed,
      plain,
    );
  const again = subject.sign(plain, terms);
  if (again !== signed)
    subject.fail('idempotent', 'a signed URL that is stripped and signed again stays the same', url, [
      signed,
      again,
    ]);
}

/** Checks `strip` on URLs with parameters that are not the token's. */
export function checkOtherParameters(subject: Subject, url: string, terms: SignTerms): void {
  for (const query of otherQueries) {
    const extended = withQuery(url, query);
    if (subject.find(extended) === undefined) continue; // it is never signed then
    checkStrip(subject, extended, terms);
    // Somebody adds a parameter to a URL that is signed already.
    const appended = withQuery(subject.sign(url, terms), query);
    const isSame = subject.signAnew(appended, terms) === subject.signAnew(extended, terms);
    if (!isSame || subject.strip(appended) === appended)
      subject.fail(
        'strip',
        'strip takes the token off wherever it stands',
        appended,
        subject.strip(appended),
      );
  }
}

/** A token that was tampered with comes off as well: a refused URL goes out without one. */
export function checkTamperedStrip(subject: Subject, signed: string): void {
  for (const tampered of changeParameters(signed)) {
    if (subject.find(tampered) === undefined) continue;
    const plain = subject.strip(tampered);
    if (subject.strip(plain) !== plain)
      subject.fail('strip', 'strip leaves nothing to strip', tampered, [plain, subject.strip(plain)]);
  }
}

/** Everything else stays as written. */
export function checkUntokened(subject: Subject, url: string): void {
  const stripped = subject.strip(url);
  if (stripped !== url)
    subject.fail('strip', 'strip gives back a URL without a token as it is', url, stripped);
}

function isUnfit(character: string, url: string): boolean {
  if (!/^[!-~]$/.test(character) || character === '#') return true;
  return `"'<>\\\``.includes(character) && !url.includes(character);
}

/** As a store writes a query that signs it sorted. */
function withSortedQuery(url: string): string {
  const question = url.indexOf('?');
  const parameters = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  parameters.sort();
  return `${question < 0 ? url : url.slice(0, question)}?${parameters}`;
}

/** Runs code under another clock: a scheme that reads the time signs differently on two machines. */
function underOtherClock<Result>(run: () => Result): Result {
  const RealDate = globalThis.Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + hundredDays] : args, newTarget),
    apply: (target) => new target(target.now() + hundredDays).toString(),
    get: (target, name) =>
      name === 'now' ? () => target.now() + hundredDays : Reflect.get(target, name, target),
  });
  try {
    return run();
  } finally {
    globalThis.Date = RealDate;
  }
}

/**
 * The parameters in their order, whatever way they are spelled. The values of a repeated name may change places: stores
 * of S3's protocol agree about their signature only if they are sorted.
 */
function parametersOf(url: string): string {
  const question = url.indexOf('?');
  const parameters = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  const values = new Map([...parameters.keys()].map((name) => [name, parameters.getAll(name).sort()]));
  return JSON.stringify([...parameters.keys()].map((name) => [name, values.get(name)!.shift()]));
}
