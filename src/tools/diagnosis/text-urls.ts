/** Finds URLs in texts that are no attribute of one URL: CSS, code, JSON, and markup inside of a string. */
import { unescapeReferences } from '../../html/references.ts';

export interface TextUrl {
  readonly url: string;
  /** Whether it is a part of a longer string of JSON, which is only read if the option `fields` names its member. */
  readonly isPart: boolean;
}

/** A URL, or a path behind a quote or a parenthesis, up to what cannot be in one or usually ends it. */
const urlInText = /(?:https?:)?\/\/[^\s"'`<>\\{}()[\],]+|(?<=["'`(=])\/[^\s"'`<>\\{}()[\],]+/gi;

/** URLs in CSS, code or plain text, with the usual escapes of JSON and JavaScript decoded. */
export function urlsInText(text: string): TextUrl[] {
  const plain = text
    .replace(/\\u00([2-7][0-9a-f])/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    .replaceAll('\\/', '/')
    .replaceAll('\\"', '"');
  return [...new Set(plain.match(urlInText))].map((url) => ({ url, isPart: false }));
}

/** A URL, or a path, that is a whole value. */
export function isWholeUrl(text: string): boolean {
  return /^(?:[a-z]+:)?\/[^\s"'<>{}[\]]*$/i.test(text);
}

/** URLs in the strings of a JSON text; one that cannot be parsed counts as plain text. */
export function urlsInJson(text: string): TextUrl[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return urlsInText(text);
  }
  const urls: TextUrl[] = [];
  // A stack of our own: JSON of a stranger may be nested deeply. And no list of it is spread into the arguments of a call,
  // which lie on the stack as well.
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') for (const found of urlsInString(value)) urls.push(found);
    else if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value).reverse()) open.push(member);
  }
  return urls;
}

function urlsInString(text: string): TextUrl[] {
  if (isWholeUrl(text)) return [{ url: text, isPart: false }];
  const hasMarkup = /<[a-z!]/i.test(text);
  return (hasMarkup ? urlsInMarkup(text) : urlsInText(text)).map(({ url }) => ({ url, isPart: true }));
}

/** URLs in markup, whose attributes are escaped once. */
export function urlsInMarkup(text: string): TextUrl[] {
  return urlsInText(withoutReferences(text));
}

/** URLs in a feed: its text may itself be markup that is escaped again. */
export function urlsInFeed(text: string): TextUrl[] {
  return urlsInMarkup(withoutReferences(text));
}

function withoutReferences(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  return Buffer.from(unescapeReferences(bytes, 0, 'attribute', 0).text, 'latin1').toString('utf8');
}
