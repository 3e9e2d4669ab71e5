/** What was signed can be read in one way: no token opens another path, nor another time, nor asks for something else. */
import type { SignTerms } from '../../schemes/definition.ts';
import { formDecode, percentDecode } from '../../url/percent-encoding.ts';
import { otherReadings } from './other-readings.ts';
import type { Subject } from './subject.ts';
import { replaceLastSegment, withQuery } from './variations.ts';

/** In 2027: digits that say a time of today have expired then, and a token with them opens nothing. */
const terms: SignTerms = Object.freeze({ exp: 1_798_765_200, ttl: 3_600, step: 0 });
/** Days later, since a scheme may sign minutes. */
const later: SignTerms = Object.freeze({ ...terms, exp: terms.exp + 1_000_003 });
const issued = terms.exp - terms.ttl;

const rule =
  'a signature is that of one path, one time, and one set of the parameters that the store reads (`readsParameter`)';

/** Shorter texts are found by chance: 16 hexadecimal digits are 64 bits, which nobody tries out over a network. */
const minSignatureLength = 16;

/**
 * The other URLs need not be ones that `match` finds: the store decides about a URL that somebody has made.
 * @param url - without a token
 * @returns how many other URLs were tried with its signature; 0 for a scheme whose tokens open more, by design
 */
export function checkOneReading(subject: Subject, url: string): number {
  const { definition } = subject;
  const found = subject.find(url);
  if (found === undefined || subject.definition.opensMore !== undefined) return 0;
  const signed = subject.sign(url, terms);
  const signature = signatureOf(subject, url, signed, found.place.query);
  if (signature === undefined) return 0;
  const meant = meaningOf(subject, url);
  let tried = 0;
  for (const reading of otherReadings(url, found.place, terms.exp)) {
    if (reading.exp <= issued || reading.url.includes('#')) continue;
    const plain = textFrom(() => definition.strip(reading.url));
    if (plain === undefined) continue;
    const other = textFrom(() => definition.sign(plain, { ...terms, exp: reading.exp }));
    if (other === undefined || other === plain) continue;
    // A scheme may spell a URL its own way when it signs, and put the token in the place of whatever stood there.
    const shown = textFrom(() => definition.strip(other)) ?? plain;
    const isSame = [plain, shown].some((text) => meaningOf(subject, text) === meant);
    if (isSame && reading.exp === terms.exp) continue;
    tried++;
    const parts = partsOf(other);
    if (signature.every((part) => parts.includes(part)))
      subject.fail('one reading', rule, signed, `the same signature for ${other}`);
    const forged = subject.hasVerify ? withSignature(other, signature, plain) : other;
    if (forged !== other && forged !== signed && subject.verify(forged, issued).ok)
      subject.fail('one reading', rule, signed, `verify takes ${forged}`);
  }
  return tried;
}

/**
 * The parts of a token that depend on the URL and on the expiry.
 * @returns undefined for a token that has none, such as one of a folder
 */
function signatureOf(
  subject: Subject,
  url: string,
  signed: string,
  query: number,
): readonly string[] | undefined {
  const slash = url.lastIndexOf('/', query - 1);
  const others = [
    replaceLastSegment(url, `other-${url.slice(slash + 1, query)}`, query),
    withQuery(url, 'other=1'),
  ];
  const elsewhere = others.flatMap((other) => {
    const text = textFrom(() => subject.definition.sign(other, terms));
    return text === undefined ? [] : [partsOf(text)];
  });
  const afterwards = partsOf(subject.sign(url, later));
  const parts = partsOf(signed).filter(
    (part) => !afterwards.includes(part) && elsewhere.some((each) => !each.includes(part)),
  );
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > 0 && length < minSignatureLength)
    subject.fail(
      'signature length',
      `a signature has ${minSignatureLength} characters at least: anybody finds a shorter one by trying`,
      signed,
      `${length} characters`,
    );
  const long = parts.filter((part) => part.length >= minSignatureLength);
  return long.length > 0 ? long : undefined;
}

/** What stands between the separators of a URL and of tokens, a time and a signature in one parameter as well. */
function partsOf(url: string): readonly string[] {
  return url.split(/[^\w%+~-]+|(?<=\d{10})-/).filter((part) => part !== '');
}

/** The URL with the signature of another one in place of its own, which is as long. */
function withSignature(signed: string, signature: readonly string[], plain: string): string {
  const written = partsOf(plain);
  const own = partsOf(signed).filter((part) => !written.includes(part));
  return signature.reduce((text, part) => {
    const replaced = own.find((each) => each.length === part.length && each !== part && text.includes(each));
    return replaced === undefined ? text : text.replace(replaced, () => part);
  }, signed);
}

/** The path and the parameters as a store reads them, which may decode once and does not mind the order. */
function meaningOf({ definition }: Subject, url: string): string {
  const question = url.indexOf('?');
  const end = question < 0 ? url.length : question;
  const parameters = url
    .slice(end + 1)
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      const name = equals < 0 ? parameter : parameter.slice(0, equals);
      return [formDecode(name), equals < 0 ? '' : formDecode(parameter.slice(equals + 1))] as const;
    })
    .filter(([name]) => definition.readsParameter?.(name) ?? true);
  return JSON.stringify([
    percentDecode(url.slice(0, end)),
    parameters.map((pair) => JSON.stringify(pair)).sort(),
  ]);
}

/** A scheme may refuse a URL that `match` does not find. */
function textFrom(call: () => unknown): string | undefined {
  try {
    const text = call();
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
