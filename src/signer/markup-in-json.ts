/** Finds HTML and Markdown in strings of JSON that no option names: their images would be broken, and nobody would know why. */
import { asName } from '../validation/message.ts';
import type { SigningCore } from './core.ts';

/**
 * Called for a string of JSON that holds HTML or Markdown with a URL that has no token.
 * @param member - its name; undefined for an item of an array, and for one that may not be shown
 */
export type OnMarkupInJson = (member: string | undefined) => void;

/** A tag with an attribute, or a link of Markdown: a text that merely names a URL is none. */
const markup = /<[a-z][^<>]*\s[a-z-]+\s*=|\]\(\s*[^\s)]/i;

/** @param text - one character per byte, as is the name of its member */
export function findMarkup(
  text: string,
  member: string | undefined,
  core: SigningCore,
  onFound: OnMarkupInJson,
): void {
  if (!markup.test(text)) return;
  const watch = core.watchText(() => onFound(member === undefined ? undefined : asName(member)));
  watch.write(Buffer.from(text, 'latin1'));
  watch.end();
}
