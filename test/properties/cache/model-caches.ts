/** Caches of many kinds, each as one question: for how long may this response be shown? */

import type { Fields } from '../../support/servers/in-memory.ts';
import {
  type Directives,
  notStored,
  plainDirectives,
  type Reading,
  type Received,
  readDirectives,
  readPolicy,
  readTargeted,
  withDefault,
} from './reading.ts';

type Read = (response: Received) => Reading;

/** The first of these fields takes the place of all else that is said of a lifetime (RFC 9213, 2.2). */
function readInsteadOf(
  names: readonly string[],
  parse: (text: string | undefined) => Directives | undefined,
): Read {
  return ({ status, headers, plain }) => {
    for (const name of names) {
      const directives = headers[name] === undefined ? undefined : parse(headers[name]);
      if (directives === undefined || directives.size === 0) continue;
      const { expires: _, pragma: __, ...others } = plain;
      const targeted = { ...others, 'cache-control': plainDirectives(directives) };
      return withDefault(readPolicy(status, targeted, true), targeted, true);
    }
    return readPolicy(status, plain, true);
  };
}

const targetedNames: readonly string[] = ['cloudflare-cdn-cache-control', 'cdn-cache-control'];

function digitsOf(value: string | true | undefined): number {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : 0;
}

/** `max-age=600+300` for a lifetime; whatever it does not say is taken from Cache-Control, as Fastly does. */
const readSurrogate: Read = ({ status, headers, plain }) => {
  const fallback = readPolicy(status, plain, true);
  const surrogate = readDirectives(headers['surrogate-control']);
  if (surrogate.has('no-store')) return notStored;
  const [, fresh, stale = '0'] = /^(\d+)(?:\+(\d+))?$/.exec(String(surrogate.get('max-age'))) ?? [];
  const control = readDirectives(headers['cache-control']);
  const [whileRevalidating, ifError] = ['stale-while-revalidate', 'stale-if-error'].map((name) =>
    digitsOf(surrogate.get(name) ?? control.get(name)),
  ) as [number, number];
  if (fresh === undefined && !fallback.isStored) return notStored;
  const freshFor = fresh === undefined ? fallback.freshFor : Number(fresh);
  const staleFor = Math.max(Number(stale), whileRevalidating, ifError);
  return { isStored: true, freshFor, usableFor: Math.max(freshFor + staleFor, fallback.usableFor) };
};

/** The number behind a name that stands anywhere in the text; NaN where something else is mixed in. */
function numberBehind(text: string, name: string): number | undefined {
  const at = text.toLowerCase().indexOf(name);
  if (at < 0) return undefined;
  return Number(/^[^,; ]*/.exec(text.slice(at + name.length))![0]);
}

/** nginx, as its source reads: names are found anywhere, its own field beats all, and what is stale adds to either. */
const readNginx: Read = ({ status, headers, plain, now }) => {
  const own = /^(@?)(\d+)$/.exec(headers['x-accel-expires'] ?? '');
  const control = headers['cache-control'] ?? '';
  let freshFor = own === null ? 0 : own[1] === '@' ? Number(own[2]) - now / 1000 : Number(own[2]);
  if (own?.[2] === '0' || headers['vary'] === '*' || status === 304) return notStored;
  if (own === null) {
    if (/no-cache|no-store|private/i.test(control)) return notStored;
    const seconds = numberBehind(control, 's-maxage=') ?? numberBehind(control, 'max-age=');
    if (seconds !== undefined) freshFor = seconds;
    else freshFor = readPolicy(status, pick(plain, 'expires'), true).freshFor;
    if (!(freshFor > 0)) return notStored;
  }
  const stale = [
    numberBehind(control, 'stale-while-revalidate=') ?? 0,
    numberBehind(control, 'stale-if-error=') ?? 0,
  ];
  if (stale.some(Number.isNaN)) return notStored;
  return { isStored: true, freshFor, usableFor: freshFor + Math.max(...stale) };
};

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Akamai's own field, in units; it beats what Cache-Control says. */
const readEdge: Read = ({ status, headers, plain }) => {
  const [, count, unit = 's'] =
    /(?:max-?age)\s*=\s*(\d+)([smhd])?(?![^,\s])/i.exec(headers['edge-control'] ?? '') ?? [];
  if (count === undefined) return readPolicy(status, plain, true);
  const freshFor = Number(count) * secondsPerUnit[unit]!;
  return { isStored: true, freshFor, usableFor: freshFor };
};

function pick(fields: Fields, ...names: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

export interface ModelCache {
  readonly name: string;
  readonly isShared: boolean;
  /** Reads no header in a way of its own: what it makes of one is what the app has said. */
  readonly isStandard: boolean;
  /** Where none of these fields is set, it is a cache by RFC 9111 like any other. */
  readonly fields: readonly string[];
  readonly read: Read;
}

/** By RFC 9111. Other caches often come to the same, and take its reading. */
const readStandard: (isShared: boolean) => Read = (isShared) => (response) => {
  const { status, plain, standard } = response;
  const who = isShared ? 'shared' : 'private';
  standard[who] ??= withDefault(readPolicy(status, plain, isShared), plain, isShared);
  return standard[who];
};

/** RFC 9111, 5.2.2.3: a cache that understands the status does not heed `no-store` beside `must-understand`. */
const readUnderstanding: (isShared: boolean) => Read = (isShared) => (response) => {
  const { status, plain } = response;
  const directives = new Map(readDirectives(plain['cache-control']));
  if (!directives.has('must-understand') || !directives.delete('no-store'))
    return readStandard(isShared)(response);
  const fields = directives.size === 0 ? plain : { ...plain, 'cache-control': plainDirectives(directives) };
  return withDefault(readPolicy(status, fields, isShared), fields, isShared);
};

/** What every cache looks at. */
const common: readonly string[] = ['date'];

export const modelCaches: readonly ModelCache[] = [
  ...[false, true].flatMap((isShared) => {
    const who = isShared ? 'shared' : 'private';
    return [
      {
        name: `a ${who} cache by RFC 9111`,
        isShared,
        isStandard: true,
        fields: common,
        read: readStandard(isShared),
      },
      {
        name: `http-cache-semantics, ${who}`,
        isShared,
        isStandard: false,
        fields: common,
        read: ({ status, headers }: Received) => readPolicy(status, headers, isShared),
      },
      {
        name: `a ${who} cache that knows must-understand`,
        isShared,
        isStandard: true,
        fields: ['cache-control'],
        read: readUnderstanding(isShared),
      },
    ];
  }),
  {
    name: 'a private cache that reads only Expires',
    isShared: false,
    isStandard: true,
    fields: ['expires', 'last-modified'],
    read: ({ status, plain }) =>
      readPolicy(status, pick(plain, 'expires', 'date', 'last-modified', 'vary'), false),
  },
  {
    name: 'a CDN by RFC 9213',
    isShared: true,
    isStandard: false,
    fields: targetedNames,
    read: readInsteadOf(targetedNames, readTargeted),
  },
  {
    name: 'a CDN that reads its own field leniently',
    isShared: true,
    isStandard: true,
    fields: targetedNames,
    read: readInsteadOf(targetedNames, readDirectives),
  },
  {
    name: 'a CDN with Surrogate-Control',
    isShared: true,
    isStandard: false,
    fields: ['surrogate-control'],
    read: readSurrogate,
  },
  {
    name: 'a CDN with Edge-Control',
    isShared: true,
    isStandard: false,
    fields: ['edge-control'],
    read: readEdge,
  },
  { name: 'nginx', isShared: true, isStandard: false, fields: common, read: readNginx },
];
