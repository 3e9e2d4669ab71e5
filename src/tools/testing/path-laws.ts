/**
 * One token opens one image, in one spelling. This holds for schemes without `verify` too: their URLs are valid if they
 * are what `sign` gives.
 */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Found, Subject } from './subject.ts';
import { changeAt, respellPath } from './variations.ts';

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
        ? (['one spelling', 'a token is valid for one spelling of a path'] as const)
        : (['binds the path', 'a token is valid for one path'] as const);
    if (subject.hasVerify && subject.verify(changed, terms.exp - 1).ok)
      subject.fail(law, rule, changed, 'verify takes it');
    if (subject.signAnew(changed, terms) === changed)
      subject.fail(law, rule, changed, 'the same token as before the change');
  }
}

/** As a lenient server reads it: what is no escape stays. */
function decode(url: string): string {
  return url.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
