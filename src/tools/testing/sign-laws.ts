/** What `sign` gives out: the same text on every machine, which expires and which is fit for a page. */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Found, Subject } from './subject.ts';
import type { TermsPair } from './terms.ts';

const hundredDays = 8_640_000_000; // milliseconds

/** A token is some hundred bytes long, and a page can hold thousands. */
const maxTokenLength = 4_096;

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

function isUnfit(character: string, url: string): boolean {
  if (!/^[!-~]$/.test(character) || character === '#') return true;
  return `"'<>\\\``.includes(character) && !url.includes(character);
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
