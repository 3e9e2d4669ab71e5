/** Names that a scheme gets unless it has `plainNames`: with `#`, `?`, `%` and `^` in them, and with empty segments. */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Found, Subject } from './subject.ts';
import { replaceLastSegment } from './variations.ts';

/** A name, and the one that a server would read which decodes the path once more, or merges slashes. */
const names: readonly (readonly [name: string, other: string])[] = [
  ['photo%20%2523.jpg', 'photo%20%23.jpg'],
  ['what%253F.jpg', 'what%3F.jpg'],
  ['100%252541.jpg', '100%2541.jpg'],
  ['a%255Eb.jpg', 'a%5Eb.jpg'],
  ['a//b.jpg', 'a/b.jpg'],
];

/** A scheme need not sign such names. If it does, each is an image of its own. */
export function checkNames(subject: Subject, url: string, { place, base }: Found, terms: SignTerms): void {
  const { definition } = subject;
  if (definition.plainNames === true || definition.hasFreePath === true || base.authority === undefined)
    return;
  for (const [name, other] of names.flatMap(
    ([one, two]) =>
      [
        [one, two],
        [two, one],
      ] as const,
  )) {
    const [named, confused] = [name, other].map((each) => replaceLastSegment(url, each, place.query));
    const found = subject.find(named!);
    if (found === undefined) continue;
    const { id } = found.image;
    const signed = subject.sign(named!, terms);
    const again = subject.find(signed)?.image;
    if (again?.id !== id)
      subject.fail('match', 'match finds the same id in the signed URL', signed, again ?? 'undefined');
    if (subject.find(confused!)?.image.id === id)
      subject.fail('match', `the id is not that of ${confused}`, named!, found.image);
    if (definition.opensMore === undefined) checkMoved(subject, signed, [name, other], terms);
  }
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
