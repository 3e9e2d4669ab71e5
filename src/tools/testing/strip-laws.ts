/** What `strip` takes off: the token and nothing else, wherever it stands. */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Subject } from './subject.ts';
import { changeParameters, withQuery } from './variations.ts';

/** What other parts of a site add to a URL. */
const otherQueries = [
  'v=3&dl=a%20b',
  'u=/a?b',
  'dl=a%20b&v=3&v=2',
  '__proto__=1&constructor=2',
  'a=1&b=2&c=3&v=',
];

/** @param url - without a token */
export function checkStrip(subject: Subject, url: string, terms: SignTerms): void {
  checkUntokened(subject, url);
  const signed = subject.sign(url, terms);
  // A scheme may spell a query its own way when it signs, but only once.
  const plain = subject.strip(signed);
  if (plain === signed) subject.fail('strip', 'strip takes off what sign has put on', signed, plain);
  if (subject.strip(plain) !== plain)
    subject.fail('strip', 'strip leaves nothing to strip', signed, [plain, subject.strip(plain)]);
  if (parametersOf(plain) !== parametersOf(url))
    subject.fail('strip', 'strip leaves the other parameters as they are, in their order', signed, plain);
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
