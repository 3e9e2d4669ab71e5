/** The search of the site: what of a page goes into the index, and which of two matches comes first. */
import type { DefaultTheme, MarkdownEnv } from 'vitepress';

// What VitePress makes the index of: the tests of the search stand outside of this folder's packages.
export { default as MiniSearch } from 'minisearch';
export { createMarkdownRenderer, type MarkdownEnv } from 'vitepress';

/** The words that people search with where a page says it in another way. By the page that answers them. */
const otherWords: Readonly<Record<string, string>> = {
  'start/who-may-see-what.md': 'authorize access control permission login members session user',
  'schemes/s3.md': 'presigned url aws amazon bucket access denied getSignedUrl sdk',
  'start/private-images.md': 'hotlink hotlinking protection',
  'performance.md': 'bundle size speed fast slow',
  'guides/any-site.md': 'docker compose kubernetes php ruby python ghost drupal reverse proxy',
};

interface Section {
  readonly anchor: string;
  /** The headings above it, and its own. */
  readonly titles: string[];
  readonly text: string;
}

/** What VitePress and `createMarkdownRenderer` have in common. */
interface Markdown {
  render(source: string, env: MarkdownEnv): string;
}

export function renderForSearch(source: string, env: MarkdownEnv, markdown: Markdown): string {
  const html = markdown.render(source, env);
  const isHidden = env.relativePath.startsWith('project/') || env.frontmatter?.['search'] === false;
  if (isHidden) return '';
  const words = otherWords[env.relativePath];
  return words === undefined ? html : html.replace('</h1>', `</h1><p>${words}</p>`);
}

/**
 * A page by its headings, and by the rows of tables that have an anchor (docs/errors.md). Leaves out the names of languages
 * above code.
 */
export function* sectionsOf(html: string): Generator<Section> {
  const above: string[] = [];
  const parts = html.split(/<h([1-6])[^>]*? id="([^"]*)"[^>]*>(.*?)<\/h\1>/s);
  for (let at = 1; at < parts.length; at += 4) {
    const [level, anchor, heading, content] = parts.slice(at, at + 4) as [string, string, string, string];
    above.length = Number(level) - 1;
    above.push(textOf(heading.replace(/<a class="header-anchor".*?<\/a>/s, '')));
    const titles = above.filter((title) => title !== undefined);
    yield { anchor, titles, text: textOf(content.replaceAll(anchoredRow, '')) };
    for (const [, id, code, cells] of content.matchAll(anchoredRow))
      yield { anchor: id!, titles: [...titles, textOf(code!)], text: textOf(cells!) };
  }
}

const anchoredRow = /<tr>\s*<td><a id="([^"]*)"><\/a>(.*?)<\/td>(.*?)<\/tr>/gs;

function textOf(html: string): string {
  return html
    .replaceAll(/<span class="lang">[^<]*<\/span>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|amp|quot|#39);/g, ' ')
    .trim();
}

/**
 * `VPLocalSearchBox` makes these functions anew in the browser, from their text: they may use nothing from around them.
 * One stem for `rotate`, `rotates` and `rotating`; a match at its beginning still finds what is not typed out.
 */
export const search: DefaultTheme.LocalSearchOptions = {
  _render: renderForSearch,
  miniSearch: {
    _splitIntoSections: (_file: string, html: string) => sectionsOf(html),
    options: {
      tokenize: (text: string) => text.split(/[^\p{L}\p{N}]+/u),
      processTerm: (term: string) => {
        const word = term.toLowerCase();
        return word.length > 4 ? word.replace(/(?:ing|ed|es|e|s)$/, '') : word;
      },
    },
    searchOptions: {
      fuzzy: 0.15,
      prefix: true,
      boost: { title: 4, titles: 2, text: 2 },
      // The option `authorize` has a section of that name; what it is for comes first.
      boostDocument: (id: string, term: string) =>
        term.startsWith('authoriz') && id.includes('/start/who-may-see-what') ? 12 : 1,
    },
  },
};
