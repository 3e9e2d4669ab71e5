/**
 * May a message or an event repeat a text that the user wrote? The text may be a signing key that was pasted into the
 * wrong place. No measure of randomness tells a short key from a name, so that longer texts have to consist of known words.
 */

/**
 * A text of this length may be a key, and is shown only if all its words are known. 16 characters are 64 bits in hex and
 * 96 bits in base64, and about as short as generated secrets get; nearly all names of variants, attributes and
 * parameters are shorter.
 */
export const minKeyLength: number = 16;

/**
 * Words that sites use for variants, folders, attributes and parameters, and stores for theirs (`response-content-type`).
 * No key consists of them alone.
 */
const knownWords = `account accounts alt always amp android anim api app apps article asset assets author auto avatar avif background
  avatar avif background banner base bg big blog blur blurred box brand button cache card cards cart catalog category cdn
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
