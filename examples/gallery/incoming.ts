/** Reads the edit form, and keeps tokens out of what is stored. */
import type { Article } from './store.ts';

type Unsign = (url: string) => string;
type Changes = Pick<Article, 'hero' | 'body'>;

/** @returns undefined if a field is missing, or the hero is not a URL that a page can use */
export function readArticle(form: unknown, unsign: Unsign): Changes | undefined {
  if (typeof form !== 'object' || form === null) return undefined;
  const { hero, body } = form as Readonly<Record<string, unknown>>;
  if (typeof hero !== 'string' || typeof body !== 'string') return undefined;
  const url = hero.trim();
  if (!/^(?:https?:\/\/|\/)[^\s"'<>\\]+$/i.test(url)) return undefined;
  return { hero: unsign(url), body: unsignWords(body.replaceAll('\r\n', '\n'), unsign) };
}

/**
 * The form has no tokens, but an editor can copy a signed URL from the page and paste it into the text. So the token is
 * removed from every word that is a delivery URL.
 */
function unsignWords(html: string, unsign: Unsign): string {
  return html.replace(/[^\s"'<>(),]+/g, (word) => {
    const url = word.replaceAll('&amp;', '&');
    const bare = unsign(url);
    return bare === url ? word : bare.replaceAll('&', '&amp;');
  });
}
