/** Caches of many kinds, each as one question: for how long may this response be shown? */
import { plainDirectives, readDirectives, readTargeted } from './cache-reading.ts';
import {
  pick,
  type Read,
  readEdge,
  readInsteadOf,
  readNginx,
  readSurrogate,
  targetedNames,
} from './cdn-caches.ts';
import { type Received, readPolicy, withDefault } from './timed-policy.ts';

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
