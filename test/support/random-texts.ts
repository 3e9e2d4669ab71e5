/** What people write around a URL: words, HTML, Markdown, lists of URLs, in several languages. */
import type { TextSite } from './text-schemes.ts';

type Pick = <Item>(items: readonly Item[]) => Item;

/** What may stand right behind a URL, without white space, and is neither a parameter nor a fragment. */
const glued: readonly string[] = [
  ...['.', ',', ';', ':', '!', ')', ']', '}', "'s", '…', '’s', '—no', '/', '|', '*', '**', '_', '~~', '\\'],
  ...['.It', ',and', '(cat)', '[1]', '%', '=', '@me', '!!!', '...', '.jpg', 's', 'AND', '42', '-2', '+1'],
  ...['。これは私の写真です', '（日本語', '、', '」', '！', '這是', '😀', '\u200d', 'é', 'ß', '的照片'],
];

const words: readonly string[] = [
  ' – look, "Mimi" & I <3 her!',
  ' is my photo',
  ' and R&B',
  '. More text',
  ', and more',
  '\nnext line',
  '\u00a0hard space',
  '\u3000全角',
  '\u2028line',
  ' "quoted"',
  ' `code`',
  '"',
  '`',
  '<br>my-photo',
  '<a title="#<img src=x onerror=alert(1)>">hi</a>',
  '?x=<a title="#<img src=x onerror=alert(1)>">hi</a>',
  '#<b>x</b>',
  '?a=1&b="2"',
  '">',
  '\u0007',
  '\u0085',
  '\t',
  ' 😀',
  ' 写真 です',
  ' 1x, and words',
  ' 320w wide',
  '> quote',
  ' | a | b |',
  ' ![a](b)',
  '\r\n- item',
];

const beginnings: readonly string[] = [
  ...['', '', '', '', 'see ', '“', '(', '<', '<img src="', '![a](', '[', '- ', '写真：', '😀', 'a,b '],
  ...[' ', '\n', '"', '>', 'javascript:', '{', '/'],
];

/** A text that holds a URL, with or without a token, once or more. */
export function randomText(site: TextSite, pick: Pick, random: () => number): string {
  const one = (): string => pick([site.url, site.url, site.signed, site.signed, site.stale]);
  let text = pick(beginnings) + one();
  const more = Math.floor(random() * 4);
  for (let i = 0; i < more; i++)
    text += pick([
      () => pick(words),
      () => pick(words),
      () => pick(glued),
      () => ` ${one()}`,
      () => `,${one()}`,
    ])();
  return text;
}

/** A signed URL, and a text right behind it. */
export function gluedText(site: TextSite, pick: Pick, random: () => number): string {
  let text = pick([site.signed, site.signed, site.stale]) + pick(glued);
  for (let i = Math.floor(random() * 3); i > 0; i--) text += pick([...glued, site.url, site.signed]);
  return text;
}

/** Whether a value may be read as image candidates. */
export function mayBeSrcset(text: string): boolean {
  return text
    .trim()
    .split(/,[\t\n\f\r ]+|,$/)
    .every((each) => /^(?:[^\t\n\f\r ]+(?:[\t\n\f\r ]+\d+[wx])?)?$/.test(each.trim()));
}
