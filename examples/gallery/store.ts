/**
 * The article, as in a database: HTML strings with plain URLs. This file does not use the signer, so no token can get
 * into the store.
 */
import type { Picture } from './pictures/catalogue.ts';
import type { VariantName } from './variants.ts';

export interface Article {
  readonly title: string;
  /** The URL in `og:image` and JSON-LD. */
  readonly hero: string;
  /** Trusted: editors may write any HTML, as on many small sites. */
  readonly body: string;
}

export interface ArticleStore {
  readonly read: () => Article;
  readonly write: (changes: Pick<Article, 'hero' | 'body'>) => void;
  /** Restores the original article. */
  readonly reset: () => void;
}

export interface StoredPictures {
  /** At least one. The article uses the first ones. */
  readonly pictures: readonly Picture[];
  readonly urlOf: (picture: Picture, variant: VariantName) => string;
  readonly absoluteUrlOf: (picture: Picture, variant: VariantName) => string;
}

/** Edits are lost when the process ends. */
export function createStore(given: StoredPictures): ArticleStore {
  const original: Article = {
    title: 'On lending pictures',
    hero: given.absoluteUrlOf(pictureAt(given.pictures, 0), 'hero'),
    body: firstBody(given),
  };
  let article = original;
  return {
    read: () => article,
    write(changes) {
      article = { ...article, ...changes };
    },
    reset() {
      article = original;
    },
  };
}

/** The article's part of the page's head. */
export function headOf({ title, hero }: Article): string {
  const data = { '@context': 'https://schema.org', '@type': 'Article', headline: title, image: [hero] };
  return [
    `<meta property="og:type" content="article">`,
    `<meta property="og:title" content="${escapeHtml(title)}">`,
    `<meta property="og:image" content="${escapeHtml(hero)}">`,
    // A `<` could end the script or begin a comment.
    `<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
  ].join('\n');
}

/** With fewer pictures than places, the pictures repeat. */
function pictureAt(pictures: readonly Picture[], index: number): Picture {
  const picture = pictures[index % pictures.length];
  if (picture === undefined) throw new RangeError('The article needs at least one picture.');
  return picture;
}

function firstBody({ pictures, urlOf }: StoredPictures): string {
  const at = (index: number): Picture => pictureAt(pictures, index);
  const locked = pictures.find((picture) => picture.isForMembers) ?? at(4);
  return `<style>
  .night { background-image: linear-gradient(#0b132bb3, #0b132b66), url("${urlOf(at(9), 'hero')}"); }
</style>

<header class="opening" style="background-image: url('${urlOf(at(0), 'hero')}')"></header>

<p class="lede">A library does not ask a book to prove who is reading it. It puts a slip inside the cover, stamps a
date on the slip, and lets the book go. Pictures can be lent in the same way.</p>

<p>A private picture on the web is usually guarded by asking, at every single request, who wants it. That means
sessions, cookies and a database, in the path of every thumbnail. The other way is the library’s: put the date into the
URL itself, and stamp it so that nobody else can change it.</p>

<figure>
  <img src="${urlOf(at(2), 'card')}" alt="${escapeHtml(at(2).alt)}" width="640" height="400" loading="lazy">
  <figcaption>${escapeHtml(at(2).title)}. An <code>&lt;img&gt;</code>, stored with a plain URL.</figcaption>
</figure>

<h2>The date and the stamp</h2>

<p>The date is called <code>exp</code>, in seconds since 1970. The stamp is called <code>sig</code>: a fingerprint of
the picture’s path and the date, made with a key that only the site and the delivery know. Everybody who has the URL can
see the picture until that date. Change the date, the picture or the size, and the stamp no longer fits.</p>

<div class="night"><p>“Lent, not given. Back by the date stamped below.”</p></div>

<h2>Nobody has to touch the shelves</h2>

<p>This article was stored once, with plain URLs, and the database still has it like that. The middleware added the
stamps while it sent the page to you: in images and their sources, in styles, and in the metadata for crawlers.</p>

<figure>
<picture>
  <source media="(min-width: 700px)" srcset="${urlOf(at(4), 'card')} 640w, ${urlOf(at(4), 'hero')} 1280w" sizes="44rem">
  <source srcset="${urlOf(at(4), 'thumb')} 320w, ${urlOf(at(4), 'card')} 640w" sizes="92vw">
  <img src="${urlOf(at(4), 'card')}" alt="${escapeHtml(at(4).alt)}" width="1280" height="800" loading="lazy">
</picture>
<figcaption>${escapeHtml(at(4).title)}. A <code>&lt;picture&gt;</code> with two <code>&lt;source&gt;</code>s.</figcaption>
</figure>

<h2>The room with the rope</h2>

<p>Some books must not leave the library. The next picture is stored with a plain URL like all the others. Members get it
stamped; guests get a blurred copy.</p>

<figure>
  <img src="${urlOf(locked, 'card')}" alt="${escapeHtml(`“${locked.title}”, sharp for members and blurred for guests`)}" width="640" height="400" loading="lazy">
  <figcaption>${escapeHtml(locked.title)}. For members; guests see its <code>preview</code>.</figcaption>
</figure>

<p>A lent picture can be passed on: until it expires, a URL works for everybody who has it. That is the nature of
a loan. The point is that it ends.</p>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
