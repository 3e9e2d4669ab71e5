/** Finds HTML and Markdown in JSON strings that `fields` does not name: their images would be broken without an explanation. */
import { asName } from '../validation/message.ts';
import type { SigningCore } from './core.ts';

/**
 * Called for a JSON string that contains HTML or Markdown with a URL without a token.
 * @param member - its name; undefined for an array item, and if the name must not be shown
 */
export type OnMarkupInJson = (member: string | undefined) => void;

/** A tag with an attribute, or a Markdown link. Text that only contains a URL does not match. */
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
