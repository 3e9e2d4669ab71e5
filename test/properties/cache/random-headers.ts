/** What apps say of a response's life, in every spelling and by every method of Node. Dates are relative. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Response as ExpressResponse } from 'express';

type Value = string | number | string[];

interface Field {
  readonly name: string;
  /** @param now - in seconds */
  readonly value: (now: number) => Value;
  readonly by: 'setHeader' | 'appendHeader' | 'writeHead';
}

export interface AppHeaders {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly writeHeadTakes: 'an object' | 'a flat list';
  readonly typeBy: 'setHeader' | 'writeHead';
  /** The app's own tag, which stays as long as the page does; and its date, in seconds. */
  readonly etag: string | undefined;
  readonly lastModified: number | undefined;
}

/** Answers as an app does: type and headers first, then a page; or 304, where the request's conditions hold. */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  app: AppHeaders,
  page: string,
  now: number,
): void {
  if (isExpress(response)) {
    for (const { name, value, by } of app.fields) {
      if (by === 'appendHeader') response.appendHeader(name, value(now) as string);
      else response.setHeader(name, value(now));
    }
    response.status(app.status).send(page);
    return;
  }
  if (app.typeBy === 'setHeader') response.setHeader('Content-Type', 'text/html');
  const isUnchanged = app.status < 300 && holds(request.headers, app);
  if (isUnchanged) response.removeHeader('Content-Type');
  response.statusCode = isUnchanged ? 304 : app.status;
  const given: [name: string, value: Value][] = [];
  if (app.typeBy === 'writeHead' && !isUnchanged) given.push(['Content-Type', 'text/html']);
  for (const { name, value, by } of app.fields) {
    if (by === 'writeHead') given.push([name, value(now)]);
    else if (by === 'setHeader') response.setHeader(name, value(now));
    else response.appendHeader(name, value(now) as string);
  }
  const headers =
    app.writeHeadTakes === 'an object' ? Object.fromEntries(given) : (given.flat(1) as string[]);
  if (given.length > 0) response.writeHead(response.statusCode, headers);
  response.end(isUnchanged ? undefined : page);
}

/** `res.send` of Express sets the type, and answers 304 by itself. */
function isExpress(response: ServerResponse): response is ServerResponse & ExpressResponse {
  return 'send' in response;
}

/** Whether nothing has changed for the client, as `req.fresh` of Express tells. */
function holds(headers: IncomingHttpHeaders, { etag, lastModified }: AppHeaders): boolean {
  const [tags, since] = [headers['if-none-match'], headers['if-modified-since']];
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  if (tags === '*') return true;
  if (tags !== undefined)
    return (
      etag !== undefined && `${tags},`.split(/(?<="\s*),|,$/).some((tag) => opaque(tag) === opaque(etag))
    );
  return since !== undefined && lastModified !== undefined && lastModified * 1000 <= Date.parse(since);
}

export interface Dice {
  /** From 0 up to 1. */
  roll(): number;
  among<T>(list: readonly T[]): T;
  chance(share: number): boolean;
}

export function diceFrom(roll: () => number): Dice {
  return {
    roll,
    among: (list) => list[Math.floor(roll() * list.length)]!,
    chance: (share) => roll() < share,
  };
}

const strange: readonly string[] =
  `|x|-1|1.5|1e9|0060|+60|60 60|60;x=1|'60'|"60"|"31536000"|99999999999999999999|0x10|60s|?1|60, 60|="60`.split(
    '|',
  );
const names: readonly string[] = [
  'max-age',
  'max-age',
  's-maxage',
  'stale-while-revalidate',
  'stale-if-error',
];
const flags: readonly string[] =
  `public private no-cache no-store must-revalidate proxy-revalidate immutable must-understand`.split(' ');
const oddities: readonly string[] = [
  ...`PUBLIC Private No-Cache NO-STORE Immutable private="x" no-cache="Set-Cookie"
    x="stale-while-revalidate=31536000" x-max-age=31536000 pre-check=0 ext="open " = max-age
    s-maxage stale-if-error`.split(/\s+/),
  'no-cache="a, max-age=31536000"',
  'x="max-age=31536000, s-maxage=31536000"',
  'x="a, immutable, b"',
  'public; max-age=31536000',
];

/** From seconds to centuries, each order of magnitude as likely. */
function seconds(dice: Dice): number {
  return dice.chance(0.1) ? 0 : Math.floor(10 ** (dice.roll() * 9.5));
}

function directive(dice: Dice, isOdd: boolean): string {
  if (isOdd && dice.chance(0.2)) return dice.among(oddities);
  if (dice.chance(0.3)) return dice.among(flags);
  const name = dice.among(names);
  const value = isOdd && dice.chance(0.3) ? dice.among(strange) : String(seconds(dice));
  if (!isOdd || dice.chance(0.7)) return `${name}=${value}`;
  return dice.among([`${name.toUpperCase()}=${value}`, `${name} = ${value}`, `${name}=${value} `]);
}

function directives(dice: Dice, isOdd: boolean): string {
  const list = Array.from({ length: Math.floor(dice.roll() ** 2 * 5) + 1 }, () => directive(dice, isOdd));
  return isOdd
    ? list.join(dice.among([', ', ',', ' , ', ',,']))
    : [...new Map(list.map((each) => [each.split('=')[0], each])).values()].join(', ');
}

const days: readonly string[] = 'Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday'.split(',');

/** In the form of today, of RFC 850, or of asctime. */
function dateText(dice: Dice): (at: number) => string {
  const form = dice.among(['imf', 'imf', 'rfc850', 'asctime'] as const);
  return (at) => {
    const date = new Date(at * 1000);
    const [day, number, month, year, time] = date.toUTCString().replace(',', '').split(' ') as string[];
    if (form === 'rfc850')
      return `${days[date.getUTCDay()]}, ${number}-${month}-${year!.slice(2)} ${time} GMT`;
    if (form === 'asctime') return `${day} ${month} ${number!.replace(/^0/, ' ')} ${time} ${year}`;
    return date.toUTCString();
  };
}

const noDates: readonly string[] =
  '|0|-1|soon|3600|2099|2099-01-01T00:00:00Z|Thu, 01 Jan 2099 00:00:00|Thu, 01 Jan 2099 00:00:00 +0000|thu, 01 jan 2099 00:00:00 gmt'.split(
    '|',
  );
/** For some this century, for some the last. */
const ambiguousDates: readonly string[] = [
  'Friday, 15-Jan-70 09:00:00 GMT',
  'Tuesday, 01-Jan-74 00:00:00 GMT',
];

function date(dice: Dice, isOdd: boolean, others: readonly string[] = noDates): (now: number) => Value {
  if (isOdd && dice.chance(0.3)) {
    const text = dice.among(others);
    return () => text;
  }
  const text = dateText(dice);
  const offset = (dice.chance(0.2) ? -1 : 1) * Math.min(7e8, seconds(dice));
  if (isOdd && dice.chance(0.1)) return (now) => [text(now + offset), text(now + 50)];
  return (now) => text(now + offset);
}

function surrogate(dice: Dice, isOdd: boolean): string {
  const own = dice.chance(0.4) ? `max-age=${seconds(dice)}+${seconds(dice)}` : directives(dice, isOdd);
  return dice.chance(0.2) ? `content="ESI/1.0", ${own}` : own;
}

function edge(dice: Dice, isOdd: boolean): string {
  const name = dice.among(['max-age', 'cache-maxage', ...(isOdd ? ['CACHE-MAXAGE', 'cache-maxage '] : [])]);
  const value = isOdd && dice.chance(0.3) ? dice.among(strange) : String(seconds(dice) % 99_999);
  return `${dice.among(['', '!no-store, ', 'dca=esi, '])}${name}=${value}${dice.among(['', 's', 'm', 'h', 'd'])}`;
}

function accel(dice: Dice, isOdd: boolean): (now: number) => Value {
  const count = seconds(dice);
  const text = dice.among(isOdd ? ['off', '', 'x', '-1', '1.5', '60s', '@', '@x', '@-5'] : ['']);
  if (text !== '') return () => text;
  return dice.among([() => String(count), () => count, (now: number) => `@${now + count}`]);
}

function always(value: Value): () => Value {
  // A list anew each time: Node appends to the very one that it was given.
  return () => (Array.isArray(value) ? [...value] : value);
}

/** @param isOdd - with spellings that no standard knows as well */
export function randomHeaders(dice: Dice, isOdd: boolean): AppHeaders {
  const by = dice.among(['setHeader', 'setHeader', 'writeHead', 'mixed'] as const);
  const fields: Field[] = [];
  const add = (name: string, value: Field['value'], how?: Field['by']): void => {
    const own = by === 'mixed' ? dice.among(['setHeader', 'writeHead'] as const) : by;
    const spelled = isOdd && dice.chance(0.2) ? dice.among([name.toLowerCase(), name.toUpperCase()]) : name;
    fields.push({ name: spelled, value, by: how ?? own });
  };
  if (dice.chance(0.85)) {
    const [first, second] = [directives(dice, isOdd), directives(dice, isOdd)];
    const isTwo = dice.chance(isOdd ? 0.1 : 0);
    add('Cache-Control', always(isTwo ? [first, second] : first));
    if (isOdd && by === 'setHeader' && dice.chance(0.1)) add('Cache-Control', always(second), 'appendHeader');
  }
  if (dice.chance(0.3)) add('Expires', date(dice, isOdd, [...noDates, ...ambiguousDates]));
  if (dice.chance(0.1)) add('Date', date(dice, isOdd));
  if (dice.chance(0.1))
    add('Age', always(dice.among([0, 5, '100', seconds(dice), ...(isOdd ? ['x', '1.5'] : [])])));
  if (dice.chance(0.2))
    add('Vary', always(dice.among(['Accept-Encoding', 'Cookie', ...(isOdd ? ['*'] : [])])));
  if (dice.chance(0.05)) add('Pragma', always('no-cache'));
  if (dice.chance(0.15)) add('CDN-Cache-Control', always(directives(dice, isOdd)));
  if (dice.chance(0.1)) add('Cloudflare-CDN-Cache-Control', always(directives(dice, isOdd)));
  if (dice.chance(0.15)) add('Surrogate-Control', always(surrogate(dice, isOdd)));
  if (dice.chance(0.1)) add('Edge-Control', always(edge(dice, isOdd)));
  if (dice.chance(0.15)) add('X-Accel-Expires', accel(dice, isOdd));
  const etag = dice.chance(0.6) ? dice.among(['"v1"', 'W/"v1"', '"a,b"', '""', 'v1']) : undefined;
  if (etag !== undefined) add('ETag', always(etag));
  const lastModified = dice.chance(0.4) ? 1_790_000_000 - seconds(dice) : undefined;
  if (lastModified !== undefined) add('Last-Modified', always(new Date(lastModified * 1000).toUTCString()));
  return {
    status: dice.chance(0.6) ? 200 : dice.among([200, 203, 301, 404, 410]),
    fields,
    writeHeadTakes: dice.among(['an object', 'a flat list'] as const),
    typeBy: dice.chance(0.8) ? 'setHeader' : 'writeHead',
    etag,
    lastModified,
  };
}
