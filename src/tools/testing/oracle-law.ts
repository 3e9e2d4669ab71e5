/** A real server, or the store's own library, says which URLs it takes. */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Subject } from './subject.ts';

/** Whether the store delivers a URL. */
export type Oracle = (url: string) => boolean | PromiseLike<boolean>;

/** In seconds: clocks of two machines differ by less. */
const spare = 300;

/**
 * @param urls - of images that the store has
 * @param now - in Unix seconds, by the clock of the store
 */
export async function checkOracle(
  subject: Subject,
  urls: readonly string[],
  oracle: Oracle,
  now: number,
): Promise<void> {
  const life = Math.min(3_600, subject.definition.longestLife ?? 3_600);
  const valid: SignTerms = { exp: now + life, ttl: life, step: 0 };
  const expired: SignTerms = { ...valid, exp: now - spare };
  for (const [index, url] of urls.entries()) {
    const signed = subject.signAnew(url, valid);
    await expectAnswer(subject, oracle, signed, true, 'takes a URL that is signed');
    await expectAnswer(subject, oracle, subject.strip(url), false, 'takes no URL without a token');
    await expectAnswer(
      subject,
      oracle,
      subject.signAnew(url, expired),
      false,
      'takes no URL that has expired',
    );
    const moved = movedTo(urls[(index + 1) % urls.length]!, url, signed);
    if (moved !== undefined)
      await expectAnswer(subject, oracle, moved, false, 'takes no token of another image');
  }
}

/** The other image with the token of this one; undefined where the token is no part that follows the URL. */
function movedTo(other: string, url: string, signed: string): string | undefined {
  const [path, otherPath] = [pathOf(url), pathOf(other)];
  return path !== otherPath && signed.startsWith(path) ? otherPath + signed.slice(path.length) : undefined;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!;
}

async function expectAnswer(
  subject: Subject,
  oracle: Oracle,
  url: string,
  wanted: boolean,
  rule: string,
): Promise<void> {
  const answer = await oracle(url);
  if (answer !== wanted) subject.fail('oracle', `the store ${rule}`, url, answer);
}
