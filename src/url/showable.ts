/**
 * May a text be repeated in a message or an event? A key may have been pasted anywhere, and one of 16 letters looks like
 * a name. So a text of 16 characters or more is repeated only if every word in it is a known one; a shorter text, if it
 * looks like a name. It refuses to guess how random a text is.
 */

/** As short as a key may be. */
export const keyLength: number = 16;

/** What users of this package call variants, folders, attributes and parameters. A key is not made of these alone. */
const words: ReadonlySet<string> = new Set(
  `account accounts alt always amp android anim api app apps article asset assets author auto avatar avif background
  avatar avif background banner base bg big blog blur blurred box brand button cache card cards cart catalog category cdn
  cgi class collection column compression contain content cover crop css data default delivery denied desktop detail details dev down dpr enforce enforced
  example exp extra feature featured feed fetch file files fit fixed footer format front full gallery gif git gravity grid half
  hash header height hero hidden high home host html http https icon icons id image imagedelivery images img index inline
  instagram ios item items jpeg jpg json key label landscape large lazy left link links list local localhost locals logo
  logos lower main max media medium menu meta micro min mini mobile mode net news next new object og old org original
  origin origins page pages pad panel path photo photos picture pictures placeholder png portrait post poster posters
  preload preview previews private prod product production products profile public quality raw refresh report retina return
  rewrite right row scale screenshot section share shared sharpen shop sign signed signing site size slide slider small social
  source sources square src srcset stable staging static step store story strict style styles svg swatch tablet tag tall team
  test text thumb thumbnail thumbnails thumbs tile tiny title top ttl twitter upload uploads url user users variant
  variants video view wide width with web webp www zoom
  a for h in lg md my of on q sm to v w x xl xs xxl`.split(/\s+/),
);

/** Invisible characters: controls, marks of direction, halves of surrogate pairs, and what a reader leaves out. */
export const invisible: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Whether a name may be shown: it is too short for a key, and looks like no part of one; or its words are known. */
export function isShowableName(text: string): boolean {
  if (!/^[\p{L}\d_ .,:=/-]*$/u.test(text) || invisible.test(text)) return false;
  return text.length < keyLength ? !isGenerated(text) : isOfKnownWords(text);
}

/** Whether a path may be shown: without its segments of known words it is too short for a key. */
export function isShowablePath(path: string): boolean {
  if (!/^[\p{L}\d_.~%/*-]*$/u.test(path) || invisible.test(path)) return false;
  const rest = path.replaceAll(/\/([^/]+)/g, (segment, text: string) =>
    isOfKnownWords(text) ? '' : segment,
  );
  return rest.length < keyLength && !isGenerated(rest);
}

/** Whether a text consists of known words and small numbers: `data-hero-image`, `productCardLarge`, `w=400,fit=crop`. */
function isOfKnownWords(text: string): boolean {
  const parts = text.match(/\p{Lu}?\p{Ll}+|\p{Lu}+|\d+|[^\p{L}\d]/gu) ?? [];
  const digits = parts.filter((part) => /^\d/.test(part));
  return (
    digits.join('').length < 8 &&
    parts.join('').length === text.length &&
    parts.every((part) => /^[\d_ .,:=/-]/.test(part) || words.has(part.toLowerCase()))
  );
}

/** Whether a short text looks like a part of a key: digits among letters, many digits, or a change of case at every turn. */
function isGenerated(text: string): boolean {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return /\p{L}\d+\p{L}/u.test(text) || count(/\p{Ll}\p{Lu}/gu) >= 3 || count(/\d/g) >= 5;
}
