/**
 * Which parts of a text a message or event may show. Somebody may have pasted a signing key into the wrong place, a URL contains
 * tokens, and a character may forge a log line. Image ids stay, however random they look, because operators search for them.
 */
import { percentDecode } from './percent-encoding.ts';
import { isAnyTokenParameter } from './token-parameters.ts';

/** Enough for any delivery URL in use; an event should not grow with what a client sends. */
const defaultMaxLength = 1024;

/**
 * At least 40 hex digits, the length of a SHA-1 MAC; `sig` has 64. A digit may be percent-encoded, and characters may
 * stand in between that `URL` drops or that are invisible.
 */
const macLike =
  /(?:[0-9a-f\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]|%(?:25)*(?:3\d|[46][1-6])){40,}/giu;

/** JSON Web Tokens, signed or encrypted. A single part may be an image id: delivery services write their options like that. */
const jsonWebToken = /\beyJ[\w-]+(?:(?:\.|%(?:25)*2[Ee])[\w-]*){2,4}/g;

/**
 * What has the name of a secret: `code=`, `access_token=`, `APIKEY=`, `key[]=`; its `=` may be percent-encoded, once or more, as in a
 * URL within a URL, and then so is the `&` that ends the value. In a path the value ends with its segment.
 */
const namedValue =
  '(?:\\[\\]|%5[Bb]%5[Dd])?(?:=|%(?:25)*3[Dd]))((?<==)[^&#;\\s]+|(?:(?!%(?:25)*(?:26|23|3[Bb]))[^&#;\\s])+)';
const namedSecrets: readonly RegExp[] = [
  `((?<![\\p{L}\\d])(?:api|access|auth|client|private|secret)?(?:code|token|state|key|secret|password|sig\\w*)${namedValue}`,
  `((?<=\\p{Ll})(?:Code|Token|State|Key|Secret|Password|Sig\\w*)${namedValue}`,
].map((source, index) => new RegExp(source, index === 0 ? 'giu' : 'gu'));

const credentials = /(?<=\/\/)[^/?#\s]*@/;

/**
 * A URL for an event or a message. It loses the parameters of every scheme's tokens, in any spelling. A `…` replaces what
 * looks like a MAC, unless it can only be an image id (often a hash of the content), a JSON Web Token, a value with the name of
 * a secret, and each variant, parameter and fragment that may be a key. Invisible characters are escaped.
 * @param maxLength - a longer text is truncated
 */
export function redactUrl(text: string, maxLength: number = defaultMaxLength): string {
  // Redact more than is shown: the first half of a token, cut off here, would not be recognized as one.
  const begin = text.slice(0, 2 * maxLength);
  const bare = withoutPathTokens(withoutTokenParameters(begin.replace(credentials, '…@')));
  // Keys first: the rest of one with spaces would not be recognized.
  const redacted = withoutSecrets(withoutKeys(withoutMacs(bare)));
  const out = escapeInvisible(redacted.slice(0, maxLength));
  const isTruncated = redacted.length > maxLength || text.length > 2 * maxLength;
  return isTruncated && !out.endsWith('…') ? `${out}…` : out;
}

/** Of a message, for a warning. */
const maxMessageLength = 200;

/**
 * The error of an app's function for a warning: its name, and the first line of its message. The message may hold what a
 * visitor chose, a URL with a token, or a key: each word that may be one is replaced by `…`.
 */
export function redactError(error: unknown): string {
  const { name, message } = membersOf(error);
  // By its members: a test may run in a realm of its own.
  if (typeof message !== 'string') return `a value of type ${typeof error}`;
  const kind = typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'Error';
  const begin = message.slice(0, 2 * maxMessageLength);
  // The beginning of a word that is cut off would not be recognized as that of a key.
  const whole = begin.length < message.length ? begin.replace(/\S*$/, '') : begin;
  const [line = ''] = withoutSecrets(whole.replace(/(?<=:\/\/)\S*@/, '…@')).split(/[\r\n]/, 1);
  const shown = line.replace(/[^\s'"`()[\]{}<>,;]+/g, redactWord).slice(0, maxMessageLength);
  return escapeInvisible(shown === '' ? kind : `${kind}: ${shown}`);
}

/** An app may throw anything, even a proxy that throws. */
function membersOf(error: unknown): Partial<Record<'name' | 'message', unknown>> {
  try {
    const { name, message } = Object(error) as Partial<Record<'name' | 'message', unknown>>;
    return { name, message };
  } catch {
    return {};
  }
}

/** Removes credentials and tokens from URLs. Names of members, such as `req.user.mayView`, are not keys. */
function redactWord(word: string): string {
  if (/^[\w+.-]+:\/\/|^\//.test(word)) return redactUrl(word);
  return /^[a-z_$]{1,15}(?:\??\.[a-z_$]{1,15})+$/i.test(word) ? word : redactIfLong(word);
}

/** Replaces characters that could forge a line of a log. */
export function escapeInvisible(text: string): string {
  let out = '';
  for (const character of text) {
    out += invisible.test(character) ? `\\u{${character.codePointAt(0)!.toString(16)}}` : character;
  }
  return out;
}

function withoutTokenParameters(text: string): string {
  const [head = '', ...rest] = text.split('?');
  const query = rest
    .join('?')
    .split('&')
    .filter((parameter) => parameter === '' || !isAnyTokenParameter(parameter))
    .join('&');
  return query === '' ? head : `${head}?${query}`;
}

/** Replaces imgproxy's signatures, which come before the options or the source. Other segments may be ids. */
function withoutPathTokens(text: string): string {
  const segments = text.split('/');
  return segments
    .map((segment, index) => {
      const next = segments[index + 1] ?? '';
      const isToken = /^[\w-]{43}$/.test(percentDecode(segment)) && isAfterSignature(next);
      return isToken ? '…' : segment;
    })
    .join('/');
}

/** An option of imgproxy, or the beginning of a source, which may be a URL in base64. */
function isAfterSignature(segment: string): boolean {
  const text = percentDecode(segment);
  return text.includes(':') || /^(?:plain$|enc$|aHR0c|czM6|Z3M6|YWJz|bG9jYWw6)/.test(text);
}

/** Replaces everything that looks like a secret. */
export function withoutSecrets(text: string): string {
  let out = text.replace(jsonWebToken, '…');
  for (const named of namedSecrets) {
    const query = out.search(/[?#]/);
    out = out.replace(named, (_, name: string, value: string, at: number) => {
      const end = query < 0 || at < query ? value.search(/[/?]|$/) : value.length;
      return `${name}…${value.slice(end)}`;
    });
  }
  return withoutMacs(out);
}

function withoutMacs(text: string): string {
  // A token follows a `?`, `#`, `;`, `&` or `=`, maybe percent-encoded: none of them occurs in this prefix.
  const plainLength = /^[\w.~:/@-]*/.exec(text)![0].length;
  return text.replace(macLike, (run, at: number) => {
    if (at + run.length > plainLength || !/^[0-9a-f]+$/i.test(run)) return '…';
    return isInnerSegment(text.slice(0, at), text.slice(at + run.length)) ? run : '…';
  });
}

/** A key may have been pasted in place of the variant or a parameter. The segments before are the account and the id. */
function withoutKeys(text: string): string {
  const [path = ''] = /^[^?#]*/.exec(text)!;
  const rest = text.slice(path.length).replace(/[^?#&=]+(?:=+(?=[&#]|$))?/g, redactIfLong);
  // Otherwise the whole text is an image id.
  const isUrl = path.includes('://') || path.startsWith('/');
  if (!isUrl) return path + rest;
  // A single segment is not a variant.
  return path.replace(/(?<=[^/]\/+)[^/]+(?=\/*$)/, (last) => last.replace(/[^;]+/g, redactIfLong)) + rest;
}

function redactIfLong(text: string): string {
  return text.length < minKeyLength || isSafeName(text) ? text : '…';
}

/** Whether the text is a whole segment, not the last one (a variant), and not a token in a path (`/sig/…`). */
function isInnerSegment(before: string, after: string): boolean {
  return /(?:^|\/)$/.test(before) && !/\bsig(?:nature)?\/$/i.test(before) && /^(?:\.\w{1,5})?\//.test(after);
}

/**
 * A text of this length may be a key, and is shown only if all its words are known: no measure of randomness separates a
 * short key from a name. 16 characters are 64 bits in hex and 96 bits in base64, and about as short as generated secrets
 * get; nearly all names of variants, attributes and parameters are shorter.
 */
export const minKeyLength: number = 16;

/**
 * Words that sites use for variants, folders, attributes and parameters, and stores for theirs (`response-content-type`).
 * No key consists only of them.
 */
const knownWords = `account accounts alt always amp android anim api app apps article asset assets author auto avatar avif background
  banner base bg big blog blur blurred box brand button cache card cards cart catalog category cdn
  cgi class collection column compression contain content control cover crop css data default delivery denied desktop detail details dev disposition down dpr encoding enforce enforced
  example exp expires extra feature featured feed fetch file files fit fixed footer format front full gallery gif git gravity grid half
  hash header height hero hidden high home host html http https icon icons id image imagedelivery images img index inline
  instagram ios item items jpeg jpg json key label landscape language large lazy left link links list local localhost locals logo
  logos lower main max media medium menu meta micro min mini mobile mode net news next new object og old org original
  origin origins page pages pad panel path photo photos picture pictures placeholder png portrait post poster posters
  preload preview previews private prod product production products profile public quality raw refresh report response retina return
  rewrite right row scale screenshot section share shared sharpen shop sign signed signing site size slide slider small social
  source sources square src srcset stable staging static step store story strict style styles svg swatch tablet tag tall team
  test text thumb thumbnail thumbnails thumbs tile tiny title top ttl twitter type upload uploads url user users variant
  variants video view wide width with web webp www zoom
  a for h in lg md my of on q sm to v w x xl xs xxl`;

/** Those in `knownWords`, once one is looked up. */
let known: ReadonlySet<string> | undefined;

function isKnownWord(word: string): boolean {
  known ??= new Set(knownWords.split(/\s+/));
  return known.has(word);
}

/** Control and format characters, line separators, lone surrogates, and what is not rendered: they can forge a log line. */
export const invisible: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Whether a name may be shown: it is too short for a key and does not look like a part of one, or its words are known. */
export function isSafeName(text: string): boolean {
  if (!/^[\p{L}\d_ .,:=/-]*$/u.test(text) || invisible.test(text)) return false;
  return text.length < minKeyLength ? !looksGenerated(text) : hasOnlyKnownWords(text);
}

/** Whether a path may be shown: what remains without its segments of known words is too short for a key. */
export function isSafePath(path: string): boolean {
  if (!/^[\p{L}\d_.~%/*-]*$/u.test(path) || invisible.test(path)) return false;
  const rest = path.replaceAll(/\/([^/]+)/g, (segment, text: string) =>
    hasOnlyKnownWords(text) ? '' : segment,
  );
  return rest.length < minKeyLength && !looksGenerated(rest);
}

/**
 * Whether a text consists of known words and numbers: `data-hero-image`, `productCardLarge`, `w=400,fit=crop`. Two
 * dimensions of an image have fewer than 8 digits; a key of digits would have more.
 */
function hasOnlyKnownWords(text: string): boolean {
  const parts = text.match(/\p{Lu}?\p{Ll}+|\p{Lu}+|\d+|[^\p{L}\d]/gu) ?? [];
  const digits = parts.filter((part) => /^\d/.test(part));
  return (
    digits.join('').length < 8 &&
    parts.join('').length === text.length &&
    parts.every((part) => /^[\d_ .,:=/-]/.test(part) || isKnownWord(part.toLowerCase()))
  );
}

/**
 * Whether a short text looks like a part of a generated key: a digit between letters, at least 5 digits (`1920` has 4),
 * or at least 3 changes from lower to upper case (`productCardLarge` has 2).
 */
function looksGenerated(text: string): boolean {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return /\p{L}\d+\p{L}/u.test(text) || count(/\p{Ll}\p{Lu}/gu) >= 3 || count(/\d/g) >= 5;
}
