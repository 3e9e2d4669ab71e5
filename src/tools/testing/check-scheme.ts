/** `checkScheme`: what it is given, and every law that it holds a scheme to, the plain ones first. */
import { definitionOf, type Scheme } from '../../schemes/definition.ts';
import { checkForeign, checkHostile, checkOrdinaryNames, requireMatch } from './match-laws.ts';
import { checkOracle, type Oracle } from './oracle-law.ts';
import { ambiguousUrls } from './other-readings.ts';
import { checkOneReading } from './reading-law.ts';
import { checkSecrets } from './secret-laws.ts';
import {
  checkDeterminism,
  checkOtherParameters,
  checkOutput,
  checkStrip,
  checkTamperedStrip,
  listTerms,
} from './sign-laws.ts';
import { Subject } from './subject.ts';
import { checkTime } from './time-law.ts';
import { checkAnyText, checkLife, checkNames, checkPath, checkTampering } from './token-laws.ts';

/** Shorter texts are found by chance in a token. */
const minSecretLength = 8;

/** How many expiries the URLs after the first are signed with. */
const fewTerms = 4;

/** URLs to try a scheme with. */
export interface SchemeExamples {
  /**
   * URLs that the scheme signs: without a token, without a fragment, absolute or root-relative as its bases are. Take one
   * of each kind. The first is tried most thoroughly.
   */
  readonly urls: readonly string[];
  /** URLs that it must not sign, above all those that stand beside its images: other folders, other hosts. */
  readonly foreign: readonly string[];
  /**
   * The key, and whatever else must not show. Each has 8 characters at least. None may be found in a signed URL, in the
   * fingerprint, in JSON or in what an inspection of the scheme prints, not as hexadecimal digits or base64 either.
   * @default []
   */
  readonly secrets?: readonly string[] | undefined;
  /**
   * Where the random changes start from. The message of an error names it.
   * @default 1
   */
  readonly seed?: number | undefined;
}

/** URLs to try a scheme with, and the store that takes them. */
export interface OracleExamples extends SchemeExamples {
  /**
   * Asks the store whether it delivers a URL, such as by `fetch`. `urls` are images that it has; the URLs that it is asked
   * for are signed by the clock of this machine.
   */
  readonly oracle: Oracle;
}

/**
 * Tries a token scheme on examples: whether it signs only its own URLs, gives the same text every time, expires, takes
 * its own tokens off again, verifies nothing that was changed, signs nothing that can be read in two ways, and shows no
 * secret. It takes a second or two.
 * @param scheme - of `image-signer/schemes`, or your own
 * @returns a promise with an `oracle`, which is then asked after all other rules; nothing without one
 * @throws Error for the first rule that the scheme breaks: the rule, the URL, and what came. With an `oracle` the promise is
 *   rejected with it
 * @example
 * ```ts
 * test('the scheme of our CDN keeps the rules', () => {
 *   checkScheme(myCdn(key), {
 *     urls: ['https://cdn.example/private/photos/a.jpg'],
 *     foreign: ['https://cdn.example/private/invoices/1.jpg', 'https://other.example/private/photos/a.jpg'],
 *     secrets: [key],
 *   });
 * });
 * ```
 */
export function checkScheme(scheme: Scheme, examples: OracleExamples): Promise<void>;
export function checkScheme(scheme: Scheme, examples: SchemeExamples): void;
export function checkScheme(scheme: Scheme, examples: SchemeExamples | OracleExamples): void | Promise<void> {
  return examples !== undefined && 'oracle' in examples
    ? checkWithOracle(scheme, examples)
    : checkRules(scheme, examples);
}

async function checkWithOracle(scheme: Scheme, examples: OracleExamples): Promise<void> {
  if (typeof examples.oracle !== 'function')
    throw new Error('checkScheme expected a function as oracle, which says whether the store takes a URL.');
  const now = Math.floor(Date.now() / 1_000);
  const definition = definitionOf(scheme);
  await definition?.secrets?.lifetime?.refresh(now);
  checkRules(scheme, examples);
  await checkOracle(new Subject(definition!, examples), examples.urls, examples.oracle, now); // it is one: the rules hold
}

function checkRules(scheme: Scheme, examples: SchemeExamples): void {
  const definition = definitionOf(scheme);
  if (definition === undefined)
    throw new Error('checkScheme expected a scheme. Make one with defineScheme of image-signer/schemes.');
  requireExamples(examples);
  const subject = new Subject(definition, examples);
  const random = randomFrom(subject.seed);
  const terms = listTerms(definition.longestLife);
  // A scheme without its secret cannot sign, and this function does not wait.
  if (definition.secrets?.lifetime?.refresh(terms[0]!.terms.exp) !== undefined)
    throw new Error('checkScheme expected a scheme that has its secret: give it the secret, not a function.');

  const { urls, foreign } = examples;
  const found = urls.map((url) => requireMatch(subject, url));
  for (const url of foreign) checkForeign(subject, url, urls);

  const shown: string[] = [];
  for (const [index, url] of urls.entries()) {
    const isFirst = index === 0;
    const pairs = isFirst ? terms : Array.from({ length: fewTerms }, () => terms[random(terms.length)]!);
    for (const pair of pairs) {
      checkDeterminism(subject, url, pair, isFirst ? urls.slice(1, 3) : urls.slice(0, 1));
      const signed = checkOutput(subject, url, found[index]!, pair.terms);
      checkStrip(subject, url, pair.terms);
      if (subject.hasVerify) checkLife(subject, subject.strip(url), signed, pair.terms);
      shown.push(signed);
    }
    const [{ terms: some }] = pairs as [(typeof pairs)[0]];
    const signed = subject.sign(url, some);
    checkOtherParameters(subject, url, some);
    checkTamperedStrip(subject, signed);
    checkPath(subject, signed, some, random);
    checkNames(subject, url, found[index]!, some);
    if (subject.hasVerify) checkTampering(subject, signed, some, random, isFirst);
  }

  const [url, first, exp] = [urls[0]!, found[0]!, terms[0]!.terms.exp];
  if (subject.hasVerify) checkAnyText(subject, url, subject.sign(url, terms[0]!.terms), exp);
  checkHostile(subject, url, first, exp);
  for (const each of [...urls, ...ambiguousUrls(url, first.place.query)]) checkOneReading(subject, each);
  checkOrdinaryNames(subject, url, first, exp);
  checkSecrets(subject, scheme, first, shown);
  checkTime(subject, url, first, terms[0]!.terms);
}

/** @throws Error which says what was expected; it shows no secret */
function requireExamples(examples: SchemeExamples): void {
  const { urls, foreign, secrets = [], seed = 1 } = examples ?? {};
  const hint = "Write checkScheme(scheme, { urls: ['https://…/a.jpg'], foreign: ['https://…/b.jpg'] }).";
  if (!isTexts(urls) || urls.length === 0)
    throw new Error(`checkScheme expected urls, a list of one URL at least that the scheme signs. ${hint}`);
  if (!isTexts(foreign) || foreign.length === 0)
    throw new Error(
      `checkScheme expected foreign, a list of one URL at least that it must not sign. ${hint}`,
    );
  if (!isTexts(secrets) || secrets.some((secret) => secret.length < minSecretLength))
    throw new Error(`checkScheme expected secrets of ${minSecretLength} characters at least, as texts.`);
  if (!Number.isInteger(seed)) throw new Error('checkScheme expected a whole number as seed.');
  const fragment = urls.find((url) => url.includes('#'));
  if (fragment !== undefined)
    throw new Error(`checkScheme expected urls without a fragment: a scheme never gets one. Fix ${fragment}`);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/**
 * Numbers that look random, and are the same for the same seed, so that a failure can be repeated.
 * @returns a function that gives whole numbers from 0 up to its argument, which it does not reach (mulberry32)
 */
function randomFrom(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
}
