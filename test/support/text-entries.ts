/** Everywhere a value comes in that may be a text: what each makes of it. */
import express from 'express';
import { imageSigner, type Signer } from '../../src/index.ts';
import { exchange } from './in-memory.ts';
import { instant } from './samples.ts';

export interface TextEntry {
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
