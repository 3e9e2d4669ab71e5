/** What comes back from the edit form, and what of it may be stored. */
import type { Article } from './store.ts';

type Unsign = (url: string) => string;
type Changes = Pick<Article, 'hero' | 'body'>;

/** @returns undefined for a form that is not whole, or whose hero is no URL that could stand in a page */
export function readArticle(form: unknown, unsign: Unsign): Changes | undefined {
  if (typeof form !== 'object' || form === null) return undefined;
  const { hero, body } = form as Readonly<Record<string, unknown>>;
  if (typeof hero !== 'string' || typeof body !== 'string') return undefined;
  const url = hero.trim();
  if (!/^(?:https?:\/\/|\/)[^\s"'<>\\]+$/i.test(url)) return undefined;
  return { hero: unsign(url), body: unsignWords(body.replaceAll('\r\n', '\n'), unsign) };
}

/**
 * The form itself never holds a token. But somebody may copy a picture's address out of the page and paste it into the
 * text, so every word that is a delivery URL is stored without one.
 */
function unsignWords(html: string, unsign: Unsign): string {
  return html.replace(/[^\s"'<>(),]+/g, (word) => {
    const url = word.replaceAll('&amp;', '&');
    const bare = unsign(url);
    return bare === url ? word : bare.replaceAll('&', '&amp;');
  });
}
