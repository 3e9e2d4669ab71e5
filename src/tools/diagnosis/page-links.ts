/** The links of a page, for a check of more than one page. */
import { LiteralPrefilter } from '../../rewriting/literal-prefilter.ts';
import { placesOf } from './page-places.ts';

/** A visit of these changes something: the session ends, or something is deleted. */
const risky = /(?:log|sign)[-_]?(?:out|off)|delete|remove|unsubscribe/i;
/** Files that are no pages, by their names. */
const files = /\.(?:avif|css|gif|gz|ico|jpe?g|js|mp[34]|pdf|png|svg|tar|webm|webp|woff2?|zip)$/i;

/**
 * @param page - the address of the page, to resolve its links against
 * @returns where its `<a>` lead, without fragments; neither what is no page by its name, nor what may end a session
 */
export function pageLinksOf(body: Buffer, page: string): string[] {
  const places = placesOf(body, new LiteralPrefilter(['']));
  const base = places.find(({ name }) => name === '<base href>')?.text.trim();
  const against = base !== undefined && URL.canParse(base, page) ? new URL(base, page).href : page;
  const links = new Set<string>();
  for (const { name, text } of places) {
    if (name !== '<a href>' || !URL.canParse(text.trim(), against)) continue;
    const url = new URL(text.trim(), against);
    if (!/^https?:$/.test(url.protocol) || files.test(url.pathname) || risky.test(url.pathname + url.search))
      continue;
    url.hash = '';
    links.add(url.href);
  }
  return [...links];
}
