/** The search of the site: what of a page goes into the index, and which of two matches comes first. */
import type { DefaultTheme, MarkdownEnv } from 'vitepress';

// What VitePress makes the index of: the tests of the search stand outside of this folder's packages.
export { default as MiniSearch } from 'minisearch';
export { createMarkdownRenderer, type MarkdownEnv } from 'vitepress';

/** What people type where a page says it in another way, by the page or the section that answers them. */
export const otherWords: Readonly<Record<string, string>> = {
  '/start/first-signed-page':
    'getting started quick start quickstart tutorial install npm setup requirements',
  '/start/who-may-see-what': 'authorize access control permission login members session user role avatar',
  '/start/private-images': 'hotlink hotlinking protection',
  '/start/private-images#at-cloudflare-images': 'cloudflare',
  '/schemes': 'cdn bucket storage provider',
  '/schemes#several-stores': 'multiple buckets accounts',
  '/schemes/s3': 'presigned url aws amazon bucket access denied getSignedUrl sdk minio r2 backblaze wasabi',
  '/schemes/azure-blob': 'azure microsoft sas',
  '/schemes/gcs': 'gcp firebase google cloud storage bucket',
  '/schemes/cloud-front': 'aws amazon signed cookies',
  '/how-it-works/signed-url#the-string': 'hmac sha256 algorithm',
  '/how-it-works/signed-url#the-expiry': 'expiry lifetime',
  '/how-it-works/what-is-rewritten#where-in-a-page': 'css picture background poster srcset',
  '/key-rotation': 'rotation multiple leaked stolen compromised key secret',
  '/caching': 'cdn fastly proxy cache stale etag',
  '/scaling': 'multiple cluster',
  '/performance': 'benchmark bundle size speed fast slow latency overhead',
  '/monitoring': 'log prometheus grafana datadog sentry winston',
  '/threat-model': 'security vulnerability attack xss injection',
  '/threat-model#a-machine-whose-clock-is-wrong': 'skew drift ntp',
  '/troubleshooting': 'not working forbidden 401 404 csp debug',
  '/errors#bad-signature': 'invalid wrong mismatch signature',
  '/compared': 'alternatives comparison versus vs',
  '/cli': 'cli command line terminal npx',
  '/frameworks': 'spa single page app hydration client side rendering',
  '/reference/options#variants': 'thumbnail resize',
  '/reference/helpers#data': 'websocket',
  '/reference/entry-points': 'esm commonjs import require',
  '/reference/endpoint': 'api cors',
  '/guides/express': 'middleware order before routes helmet compression',
  '/guides/any-site': 'docker compose kubernetes php ruby python ghost drupal reverse proxy',
  '/guides/local-delivery': 'local development localhost offline without account',
  '/guides/deliver-images': 'self hosted static files thumbnail',
  '/guides/roll-out': 'migration deploy production',
  '/guides/stored-urls': 'stored saved urls database',
  '/guides/streams': 'sse llm chatgpt openai',
  '/guides/editors': 'tinymce ckeditor tiptap quill wysiwyg rich text',
  '/guides/feeds': 'rss atom podcast',
  '/guides/mail': 'email newsletter nodemailer',
  '/guides/testing': 'cypress mock unit e2e',
  '/guides/react-router': 'remix',
  '/guides/workers': 'cloudflare workers serverless edge',
  '/guides/paywall': 'subscription premium members blur',
};

interface Section {
  readonly anchor: string;
  /** The headings above it, and its own. */
  readonly titles: string[];
  readonly text: string;
}

/** What VitePress puts into the index for a section. */
export interface Indexed {
  readonly id: string;
  readonly title: string;
  readonly titles: readonly string[];
  readonly text: string;
}

/** What VitePress and `createMarkdownRenderer` have in common. */
interface Markdown {
  render(source: string, env: MarkdownEnv): string;
}

export function renderForSearch(source: string, env: MarkdownEnv, markdown: Markdown): string {
  const html = markdown.render(source, env);
  const isHidden = env.relativePath.startsWith('project/') || env.frontmatter?.['search'] === false;
  return isHidden ? '' : html;
}

const anchoredRow = /<tr>\s*<td><a id="([^"]*)"><\/a>(.*?)<\/td>(.*?)<\/tr>/gs;

/** Splits a page at its headings. A table row with an anchor (docs/errors.md) is a section too, below its heading. */
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

/** @param id as VitePress makes it: `/caching.html#pages` */
function wordsFor(id: string, isPage: boolean): string {
  const section = id.replace('.html', '');
  return otherWords[isPage ? section.replace(/#.*/, '') : section] ?? '';
}

/** The text of HTML, without the names of languages above code. */
function textOf(html: string): string {
  return html
    .replaceAll(/<span class="lang">[^<]*<\/span>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|amp|quot|#39);/g, ' ')
    .trim();
}

/** Typed as a constant of its own: `LocalSearchOptions` lacks `fields`, which VitePress passes on. */
const indexOptions = {
  fields: ['title', 'titles', 'text', 'words'],
  // Runs only while the site is built, so it may call another function. `titles` stays an array: the search box lists it.
  extractField: (section: Indexed, field: string) =>
    field === 'words'
      ? wordsFor(section.id, section.titles.length === 0)
      : (section[field as keyof Indexed] as string),
  tokenize: (text: string) => text.split(/[^\p{L}\p{N}]+/u),
  processTerm: (term: string) => {
    const word = term.toLowerCase();
    if (/^(?:an?|and|are|do|does|for|how|i|in|is|it|my|of|on|or|the|to|what|with)$/.test(word)) return '';
    if (word.length < 5) return word;
    return word.replace(/^(?!.*ss$)(?:(.{5,}?)(?:at)?ions?|(.+?)(?:ings?|ed|es|e|s))$/, '$1$2');
  },
};

/**
 * `VPLocalSearchBox` makes these functions anew in the browser, from their text: they may use nothing from around them.
 * `rotate`, `rotating` and `rotation` have one stem; a match at its beginning still finds what is not typed out.
 */
export const search: DefaultTheme.LocalSearchOptions = {
  _render: renderForSearch,
  miniSearch: {
    _splitIntoSections: (_file: string, html: string) => sectionsOf(html),
    options: indexOptions,
    searchOptions: {
      fuzzy: 0.15,
      prefix: true,
      boost: { title: 4, titles: 2, text: 2, words: 8 },
      // A page comes before the errors that have its word in their names.
      boostDocument: (id: string) => (id.includes('/errors') ? 0.8 : 1),
    },
  },
};
