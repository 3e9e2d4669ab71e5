/** Everywhere a value comes in that may be a text: what each makes of it. */
import express from 'express';
import { imageSigner, type Signer } from '../../../src/index.ts';
import type { TextSite } from '../../support/generators/text-schemes.ts';
import { instant } from '../../support/samples.ts';
import { exchange } from '../../support/servers/in-memory.ts';

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

interface TextEntry {
  readonly name: string;
  /** Whether its name says that it may hold image candidates. */
  readonly isSrcset: boolean;
  /** The text as it goes out. */
  send(text: string, signer: Signer): string;
}

const inAttribute = (text: string): string =>
  text.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`);
const outOfAttribute = (text: string): string =>
  text.replace(/&#(\d+);|&amp;/g, (_, code) => (code === undefined ? '&' : String.fromCharCode(code)));
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** The value between the two ends of a page, both of which have to be there to the letter. */
function between(page: string, before: string, after: string): string {
  if (!page.startsWith(before) || !page.endsWith(after)) return `around the value: ${page}`;
  return page.slice(before.length, page.length - after.length);
}

function inAttributeOf(name: string, isSrcset: boolean, before: string, after: string): TextEntry {
  return {
    name,
    isSrcset,
    send: (text, signer) =>
      outOfAttribute(between(signer.rewriteHtml(before + inAttribute(text) + after), before, after)),
  };
}

function inScriptOf(name: string, isSrcset: boolean, member: string): TextEntry {
  const [before, after] = ['<script type="application/json">', '</script>'];
  return {
    name,
    isSrcset,
    send(text, signer) {
      const out = between(signer.rewriteHtml(before + inScript({ [member]: text }) + after), before, after);
      return JSON.parse(out)[member];
    },
  };
}

class TextView {
  readonly path: string;

  constructor(name: string) {
    this.path = name;
  }

  render(
    options: { readonly text?: string; readonly heroSrcset?: string },
    done: (...args: unknown[]) => void,
  ) {
    done(null, JSON.stringify(options.text ?? options.heroSrcset));
  }
}

const apps = new WeakMap<Signer, (path: string, text: string) => string>();

function throughExpress(signer: Signer): (path: string, text: string) => string {
  const app = express();
  let text = '';
  app.set('view', TextView);
  app.set('env', 'test');
  app.use(imageSigner({ signer, rewrite: { json: true, locals: true } }));
  app.use((req, res) => {
    const place = req.get('x-place');
    if (place === 'json') res.json([{ text }]);
    else if (place === 'json-srcset') res.json({ heroSrcSet: text });
    else res.type('text').render('view', place === 'view' ? { text } : { heroSrcset: text });
  });
  return (place, given) => {
    text = given;
    const { body } = exchange(app, { 'x-place': place }, () => instant);
    const value = JSON.parse(body) as string | [{ text: string }] | { heroSrcSet: string };
    return typeof value === 'string' ? value : 'heroSrcSet' in value ? value.heroSrcSet : value[0].text;
  };
}

function inApp(name: string, place: string, isSrcset: boolean): TextEntry {
  return {
    name,
    isSrcset,
    send(text, signer) {
      const send = apps.get(signer) ?? throughExpress(signer);
      apps.set(signer, send);
      return send(place, text);
    },
  };
}

export const textEntries: readonly TextEntry[] = [
  inScriptOf('JSON in a script', false, 'text'),
  inScriptOf('a member for candidates', true, 'heroSrcSet'),
  inAttributeOf('a data attribute', false, '<p data-text="', '">'),
  inAttributeOf('a data attribute for candidates', true, '<p data-Hero-SRCSET="', '">'),
  inAttributeOf('a template', false, '<script type="text/html"><p data-a="', '"></script>'),
  {
    name: 'JSON in a data attribute',
    isSrcset: false,
    send(text, signer) {
      const [before, after] = ["<p data-a='", "'>"];
      const out = signer.rewriteHtml(before + inAttribute(JSON.stringify([text])) + after);
      return JSON.parse(outOfAttribute(between(out, before, after)))[0];
    },
  },
  inApp('a JSON body', 'json', false),
  inApp('candidates in a JSON body', 'json-srcset', true),
  inApp('the data of a view', 'view', false),
  inApp('candidates in the data of a view', 'view-srcset', true),
];
