/**
 * The article, as a database would hold it: strings of HTML, and in them URLs without a token. It knows no signer, so
 * nothing in here could sign even by mistake.
 */
import type { Picture } from './pictures/catalogue.ts';
import type { VariantName } from './variants.ts';

export interface Article {
  readonly title: string;
  /** The URL that goes to `og:image` and JSON-LD. */
  readonly hero: string;
  /** Trusted: whoever can edit it may write any HTML, as in the back office of a small site. */
  readonly body: string;
}

export interface ArticleStore {
  readonly read: () => Article;
  readonly write: (changes: Pick<Article, 'hero' | 'body'>) => void;
  /** Back to the article as it came. */
  readonly reset: () => void;
}

export interface StoredPictures {
  /** Of which the article takes the first ones; at least one. */
  readonly pictures: readonly Picture[];
  readonly urlOf: (picture: Picture, variant: VariantName) => string;
  readonly absoluteUrlOf: (picture: Picture, variant: VariantName) => string;
}

/** Edits live as long as the process does. */
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

/** What goes into the page's head. */
export function headOf({ title, hero }: Article): string {
  const data = { '@context': 'https://schema.org', '@type': 'Article', headline: title, image: [hero] };
  return [
    `<meta property="og:type" content="article">`,
    `<meta property="og:title" content="${escapeHtml(title)}">`,
    `<meta property="og:image" content="${escapeHtml(hero)}">`,
    // A `<` could end the script, or begin a comment in it.
    `<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
  ].join('\n');
}

/** With fewer pictures than places for them, they come round again. */
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
address itself, and stamp it so that nobody else can change it.</p>

<figure>
  <img src="${urlOf(at(2), 'card')}" alt="${escapeHtml(at(2).alt)}" width="640" height="400" loading="lazy">
  <figcaption>${escapeHtml(at(2).title)}. An <code>&lt;img&gt;</code>, stored with a plain address.</figcaption>
</figure>

<h2>The date and the stamp</h2>

<p>The date is called <code>exp</code>, in seconds since 1970. The stamp is called <code>sig</code>: a fingerprint of
the picture’s path and the date, made with a key that only the site and the delivery know. Whoever holds the address may
see the picture until the date has passed. Change the date, the picture or the size, and the stamp no longer fits.</p>

<div class="night"><p>“Lent, not given. Back by the date stamped below.”</p></div>

<h2>Nobody has to touch the shelves</h2>

<p>This article was written down once, with plain addresses, and so it still lies in the store. The stamps were put on
while the page was on its way to you: in images and their sources, in styles, in what crawlers read.</p>

<figure>
<picture>
  <source media="(min-width: 700px)" srcset="${urlOf(at(4), 'card')} 640w, ${urlOf(at(4), 'hero')} 1280w" sizes="44rem">
  <source srcset="${urlOf(at(4), 'thumb')} 320w, ${urlOf(at(4), 'card')} 640w" sizes="92vw">
  <img src="${urlOf(at(4), 'card')}" alt="${escapeHtml(at(4).alt)}" width="1280" height="800" loading="lazy">
</picture>
<figcaption>${escapeHtml(at(4).title)}. A <code>&lt;picture&gt;</code> with two <code>&lt;source&gt;</code>s.</figcaption>
</figure>

<h2>The room with the rope</h2>

<p>Some books are read on the premises only. The next picture is stored with a plain address like all the others. A
member gets it stamped; a guest gets the blurred copy that hangs outside.</p>

<figure>
  <img src="${urlOf(locked, 'card')}" alt="${escapeHtml(`“${locked.title}”, sharp for members and blurred for guests`)}" width="640" height="400" loading="lazy">
  <figcaption>${escapeHtml(locked.title)}. For members; guests see its <code>preview</code>.</figcaption>
</figure>

<p>A lent picture can be lent on: for as long as the date is good, an address works for anybody who has it. That is what
a loan is. The point is that it ends.</p>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
