/**
 * Pages in which a stranger has chosen the URLs, and the site has escaped them correctly: whatever could end the place
 * that a URL stands in, spelled in every way that the place allows, in places within places. Each URL comes with what it
 * has to be afterwards where a token is only taken off: the author's own spelling without the parameters that go.
 * The same seed gives the same pages. Longer than most files: it spells URLs for all places of a page.
 */

import { mayBeUrl, trimmed } from '../one-url.ts';
import { accountHash, id, otherId, signerWith } from '../samples.ts';
import { inQuotes, inQuotesBare, jsonBare, jsonInScript, type Layer, type Zeal } from './escape-layers.ts';
import {
  bases,
  dataPlaces,
  dataShells,
  fieldNames,
  lists,
  markdownPlaces,
  type Place,
  pagePlaces,
  places,
  storedUnder,
  viewTypes,
  wrappers,
} from './hostile-places.ts';
import { pickFrom, randomFrom } from './random.ts';

/** What would end a place, or begin another one, if it stood there bare. */
const payloads: readonly string[] = [
  ...`</template></svg><script>alert(1)</script> "><script>alert(1)</script>
    '><script>alert(1)</script> --> -- --!> <!-- <script <!--<script> <!--<script> <![CDATA[ </ / a/
    < > ]]> ] " ' &lt;img> &quot; & amp;lt; #60; lt copy )}*{x:url(y) */ ; , | {"a":"b"} [1]
    %22%3E%3C % %e9 %C3%A9 + 3c a =`.split(/\s+/),
  '</script><img src=x onerror=alert(1)>',
  '</style><img src=x onerror=alert(1)>',
  '</noscript><img src=x onerror=alert(1)>',
  '</textarea></title><img src=x>',
  ']]><img src=x onerror=alert(1)>',
  '" onerror=alert(1) "',
  ' onerror=alert(1) ',
  '--><img src=x>',
  '<script ',
  '<!--<script >',
  '`',
  ') (',
  ' | ',
  ' [',
  '\u2028',
  '\u2029',
  '\u00e9',
  '\u8868',
];

/** In a script, these hold what decides where it ends. */
const barePlaces: readonly Place[] = places.filter(({ layers }) => layers.at(-1) === inQuotesBare);

const tokens: readonly string[] = [
  'exp',
  'sig',
  'exp=1',
  'exp=1790000000',
  'sig=',
  `sig=${'0'.repeat(64)}`,
  '%65xp=1',
  'exp=<',
  'sig="',
  "exp='>",
];

/** What a URL of an image begins with, up to its variant. */
export const heads: readonly string[] = [
  `https://imagedelivery.net/${accountHash}/${id}`,
  `https://imagedelivery.net/${accountHash}/${otherId}`,
  `//imagedelivery.net/${accountHash}/${id}`,
  `https://shop.example/cdn-cgi/imagedelivery/${accountHash}/${id}`,
  `/bbbbb/${accountHash}/${id}`,
  `https://imagedelivery.net/${accountHash}/a'b(c)[d]`,
  `https://imagedelivery.net/${accountHash}/\u00e9 "<>\`{}/\u8868`,
];

/** Of a site that has moved: most of its images are stored under another base. */
export const storedHeads: readonly string[] = [
  ...heads.slice(0, 1),
  ...[storedUnder.host, storedUnder.path, storedUnder.withToken.base].flatMap((base) => [
    `${base}/${accountHash}/${id}`,
    `${base}/${accountHash}/${otherId}`,
  ]),
  `${storedUnder.host.replace('http:', '')}/${accountHash}/${id}`,
  `${storedUnder.host}/${accountHash}/\u00e9 "<>\`{}/\u8868`,
  `${storedUnder.path}/${accountHash}/a'b(c)[d]`,
];

const variantNames: readonly string[] = ['preview', 'preview', 'preview', 'thumb', 'thumb', 'card', 'other'];

/** A piece of a page: what is around URLs, or a part of one, which stays or goes if the token is taken off. */
export interface Part {
  readonly text: string;
  readonly role: 'around' | 'stays' | 'goes';
  /** Holds the base of a URL. */
  readonly isBase?: boolean;
  /** What `text` is without its escapes, and the layers of these from the inside out, if it has any. */
  readonly plain?: { readonly text: string; readonly layers: readonly Layer[] };
}

/** As an editor has saved it a while ago, with a token that is still good. */
function storedUrl(head: string, variant: string): string {
  return storing.signImage(`${head}/${variant}`, undefined, { expiresAt: 2_000_000_000 });
}

const storing = signerWith({ delivery: bases, from: [...Object.values(storedUnder)] });

function isToken(parameter: string): boolean {
  const name = parameter.split('=', 1)[0]!;
  return name === 'exp' || name === 'sig' || name === '%65xp';
}

/** @param isClosed - what stays ends in a letter, so that no escape stands open before what goes */
function randomUrl(
  urlHeads: readonly string[],
  pick: <Item>(items: readonly Item[]) => Item,
  random: () => number,
  isClosed: boolean,
): Part[] {
  const payload = (): string => pick(payloads) + (random() < 0.5 ? pick(payloads) : '');
  const plain = (text: string): string => text.replaceAll(/[#&]/g, '') + (isClosed ? 'z' : '');
  const parameters = Array.from({ length: Math.floor(random() * 5) }, () => {
    if (random() < 0.5) return pick(tokens);
    return random() < 0.5 ? plain(payload()) : `${plain(pick(payloads))}=${plain(payload())}`;
  });
  const head = pick(urlHeads);
  const variant = pick(variantNames);
  if (variant !== 'other' && random() < 0.2) {
    const [, stored = ''] = storedUrl(head, variant).split('?');
    parameters.push(...stored.split('&'));
  }
  const isOurs = variant !== 'other';
  const parts: Part[] = [{ text: `${head}/${variant}`, role: 'stays', isBase: true }];
  const part = (text: string, stays: boolean): Part => ({ text, role: stays || !isOurs ? 'stays' : 'goes' });
  const stay = parameters.filter((each) => !isToken(each)).length;
  let kept = 0;
  for (const [index, parameter] of parameters.entries()) {
    const stays = !isToken(parameter);
    // The `?` stays if a parameter does. Behind the first that stays each takes the separator before it along.
    if (index === 0) parts.push(part('?', stay > 0));
    else parts.push(part('&', stays && kept > 0));
    parts.push(part(parameter, stays));
    if (stays) kept++;
  }
  if (random() < 0.3) parts.push(part(`#${payload()}`, true));
  return parts;
}

/** One URL, without the escapes of any place. */
export function hostileUrl(seed: number, urlHeads: readonly string[] = heads): string {
  const random = randomFrom(seed);
  return textOf(randomUrl(urlHeads, pickFrom(random), random, random() < 0.5));
}

/** A value that may be a text: nothing goes from one that is. */
function asValue(url: readonly Part[]): Part[] {
  if (mayBeUrl(trimmed(textOf(url)))) return [...url];
  return url.map((part) => ({ ...part, role: 'stays' }));
}

/** Whether a URL in a script holds what may decide where the script ends: then all of it stays, or nothing does. */
function hasBareMarkup(url: readonly Part[]): boolean {
  return /[<>]|-$/.test(textOf(url));
}

export interface HostilePage {
  readonly parts: readonly Part[];
  /** Nothing stands open where a token is taken off: what is left has to be the author's to the letter. */
  readonly isClosed: boolean;
}

/** @param urlHeads - what the URLs begin with */
export function hostilePage(seed: number, urlHeads: readonly string[] = heads): HostilePage {
  const pieces = piecesFrom(seed, urlHeads);
  const first = pieces.piece(2, false);
  const parts = pieces.isSingle ? first : [...first, around('<b>text</b>'), ...pieces.piece(2, false)];
  return { isClosed: pieces.isExact(), parts };
}

/** A body of JSON: one value, or one in each line or part. Or of events, whose data is JSON or HTML. */
export interface HostileBody extends HostilePage {
  readonly type: string;
  readonly form: 'value' | 'lines' | 'parts' | 'events';
}

/** @param urlHeads - what the URLs begin with */
export function hostileBody(seed: number, urlHeads: readonly string[] = heads): HostileBody {
  const pieces = piecesFrom(seed, urlHeads);
  const { isExact, isSingle, pick, data } = pieces;
  if (isSingle) {
    const type = pick(['application/json', 'application/vnd.api+json']);
    const parts = data(2, jsonBare);
    return { isClosed: isExact(), type, form: 'value', parts };
  }
  const bodyOf = pick([linesOf, linesOf, partsOf, eventsOf]);
  return bodyOf(pieces);
}

function linesOf({ isExact, pick, data, reactRouterLine }: Pieces): HostileBody {
  const type = pick(
    `application/x-ndjson application/ndjson application/jsonl application/jsonlines
    application/x-json-stream application/json-seq text/x-script text/sveltekit-data`.split(/\s+/),
  );
  const separator = type === 'application/json-seq' ? [around('\x1e')] : [];
  const line = type === 'text/x-script' ? reactRouterLine : () => data(1, jsonBare);
  // A line that is cut short must not change how the next one is read.
  const first = around(pick(['', '', '["cut\n', '{"content":"<p>\\\n']));
  const parts = [
    first,
    ...separator,
    ...line(),
    around('\n'),
    ...separator,
    ...line(),
    around('\n'),
    ...separator,
    ...data(1, jsonBare),
    around('\r\n'),
  ];
  return { isClosed: isExact(), type, form: 'lines', parts };
}

/** As a GraphQL server answers a query with `@defer`. */
function partsOf({ isExact, pick, data }: Pieces): HostileBody {
  const boundary = pick(['-', 'b', 'a b']);
  const part = (): Part[] => [
    around(
      `\r\n--${boundary}\r\nContent-Type: ${pick(['application/json', 'application/graphql-response+json'])}\r\n\r\n`,
    ),
    ...data(1, jsonBare),
  ];
  const parts = [...part(), ...part(), around(`\r\n--${boundary}--\r\n`)];
  return { isClosed: isExact(), type: `multipart/mixed; boundary="${boundary}"`, form: 'parts', parts };
}

/** Each event of HTML is a fragment that a script puts into a page. */
function eventsOf({ isExact, pick, piece, data }: Pieces): HostileBody {
  const event = (): Part[] => {
    const head = around(pick(['', 'event: a\n', ': a\nid: 1\n']));
    const end = around('\n\n');
    if (pick([true, false])) return [head, around('data: '), ...data(1, jsonBare), end];
    const [before, after] = pick([
      ['data:', ''],
      ['data: <p>a</p>\ndata: ', '\ndata: <i>b</i>'],
      ['data: <div>\ndata:', '\nid: 2\ndata:</div>'],
    ] as const);
    return [head, around(before), ...piece(1, false), around(`${after}\n\n`)];
  };
  const parts = [...event(), ...event()];
  return { isClosed: isExact(), type: 'text/event-stream', form: 'events', parts };
}

/** What makes pieces at random. */
interface Pieces {
  /**
   * Whether what stays is the author's to the letter. Not in Markdown: an `&` that is left before a token might begin a
   * reference with what is behind, and parentheses might lose their counterpart. Nor in a script where a URL may stay as it
   * is, for its markup.
   */
  isExact(): boolean;
  readonly isSingle: boolean;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  piece(depth: number, isInNoscript: boolean): Part[];
  data(depth: number, layer: Layer): Part[];
  reactRouterLine(): Part[];
}

function piecesFrom(seed: number, urlHeads: readonly string[]): Pieces {
  const random = randomFrom(seed);
  const pick = pickFrom(random);
  const isClosed = random() < 0.5;
  let hasMarkdown = false;
  let mayStayInScript = false;

  function placed(isInNoscript: boolean, among: readonly Place[] = places): Part[] {
    const { layers, before, after, isText } = pick(among);
    if (isInNoscript && layers.at(-1) === inQuotesBare) return placed(true);
    let url = randomUrl(urlHeads, pick, random, isClosed);
    if (isText) url = asValue(url);
    for (const layer of layers) url = written(url, layer, random, isClosed, after[0]);
    if (before.includes('<script')) mayStayInScript ||= hasBareMarkup(url);
    return [around(before), ...url, around(after)];
  }

  function list(): Part[] {
    const { before, between, after, taken } = pick(lists);
    const one = (): Part[] => {
      const url = randomUrl(urlHeads, pick, random, isClosed).map(({ text, ...rest }) => ({
        ...rest,
        text: text.replaceAll(taken, '_'),
      }));
      // Neither the last character of an item nor what is left of it separates it from the next.
      return written(
        [...url.slice(0, -1), { ...url.at(-1)!, text: url.at(-1)!.text.replace(/[,|]+$/, '') }],
        inQuotes,
        random,
        isClosed,
      );
    };
    return [around(before), ...one(), around(between), ...one(), around(after)];
  }

  function piece(depth: number, isInNoscript: boolean): Part[] {
    const which = random();
    if (depth > 0 && which < 0.24) {
      const [before, after] = pick(wrappers);
      return [around(before), ...piece(depth - 1, isInNoscript || before === '<noscript>'), around(after)];
    }
    if (depth > 0 && which < 0.36) {
      return page(depth - 1, isInNoscript);
    }
    if (depth > 0 && which < 0.42) return view(depth - 1, isInNoscript);
    if (depth > 0 && which < 0.6) {
      const { layers, before, after } = pick(dataPlaces);
      let inner = data(depth - 1, layers.length > 0 ? jsonBare : jsonInScript);
      if (layers.length === 0) mayStayInScript ||= hasBareMarkup(inner);
      for (const layer of layers) inner = written(inner, layer, random, isClosed, after[0]);
      return [around(before), ...inner, around(after)];
    }
    return which < 0.7 ? list() : placed(isInNoscript);
  }

  /** A page in an attribute. */
  function page(depth: number, isInNoscript: boolean): Part[] {
    const { layers, before, after } = pick(pagePlaces);
    if (isInNoscript && layers.at(-1) === inQuotesBare) return page(depth, true);
    let inner = piece(depth, false);
    for (const layer of layers) inner = written(inner, layer, random, isClosed, after[0]);
    return [around(before), ...inner, around(after)];
  }

  /** A template in a script, in which there can be no other script. */
  function view(depth: number, isInNoscript: boolean): Part[] {
    for (;;) {
      const isBare = !isInNoscript && random() < 0.5;
      const inner = isBare ? placed(false, barePlaces) : piece(depth, isInNoscript);
      if (/<\/script/i.test(textOf(inner))) continue;
      mayStayInScript ||= inner.some(({ text, role }) => role !== 'around' && /[<>{]|-$/.test(text));
      return [around(`<script type="${pick(viewTypes)}">`), ...inner, around('</script>')];
    }
  }

  /** JSON with a member that holds a text. */
  function data(depth: number, layer: Layer): Part[] {
    const [before, after] = pick(dataShells);
    const which = pick([
      'content',
      'content',
      'body',
      'body',
      depth > 0 ? 'nested' : 'content',
      'url',
    ] as const);
    const name = which === 'url' ? '"a":' : pick(fieldNames[which]);
    const inner = written(textOfField(which, depth), layer, random, isClosed);
    return [around(`${before}${name}"`), ...inner, around(`"${after}`)];
  }

  function textOfField(which: 'content' | 'body' | 'nested' | 'url', depth: number): Part[] {
    switch (which) {
      case 'content':
        return piece(depth, false);
      case 'body':
        return random() < 0.5 ? markdown() : [...markdown(), around('\n\n'), ...markdown()];
      case 'nested':
        return data(depth - 1, jsonBare);
      case 'url':
        return asValue(randomUrl(urlHeads, pick, random, isClosed));
    }
  }

  function markdown(): Part[] {
    hasMarkdown = true;
    const { layers, before, after, taken } = pick(markdownPlaces);
    let url = randomUrl(urlHeads, pick, random, isClosed);
    if (taken !== undefined) url = url.map((part) => ({ ...part, text: part.text.replace(taken, '_') }));
    for (const layer of layers) url = written(url, layer, random, isClosed, after[0]);
    return [around(before), ...url, around(after)];
  }

  /** As React Router streams it: names are items of a list, like the values. */
  function reactRouterLine(): Part[] {
    const url = written(asValue(randomUrl(urlHeads, pick, random, isClosed)), jsonBare, random, isClosed);
    return [around(pick(['[{"_1":2},"content","', 'P3:[["Z",2],"'])), ...url, around('"]')];
  }

  const isExact = (): boolean => isClosed && !hasMarkdown && !mayStayInScript;
  return { isExact, isSingle: random() < 0.5, pick, piece, data, reactRouterLine };
}

export function textOf(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('');
}

function around(text: string): Part {
  return { text, role: 'around' };
}

/** One layer of escapes over all parts; each is spelled with what follows it in sight. */
function written(
  parts: readonly Part[],
  layer: Layer,
  random: () => number,
  isClosed: boolean,
  behind: string = '"',
): Part[] {
  let isLast = false;
  const spell = layer(() => (isClosed && isLast ? 1 : random()));
  // Several layers of escapes for all would be longer than what is read.
  const isShort = textOf(parts).length < 1_000;
  const zealForMost: Zeal = !isClosed && isShort && random() < 0.2 ? 'all' : 'few';
  const characters = parts.map(({ text }) => [...text]);
  return parts.map((part, index) => {
    const own = characters[index]!;
    const following = characters.slice(index + 1).find((each) => each.length > 0)?.[0] ?? behind;
    const zeal = part.isBase ? 'few-in-base' : zealForMost;
    let text = '';
    for (const [at, character] of own.entries()) {
      isLast = at === own.length - 1;
      text += spell(character, own[at + 1] ?? following, zeal);
    }
    const { plain } = part;
    return {
      ...part,
      text,
      plain: { text: plain?.text ?? part.text, layers: [...(plain?.layers ?? []), layer] },
    };
  });
}
