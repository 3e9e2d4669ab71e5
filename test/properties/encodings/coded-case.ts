/** A body that an app has encoded, and how it hands it over, as plain values. */
import { zstd } from '../../../src/node/http/zstd.ts';
import { pickFrom, randomFrom } from '../../support/generators/random.ts';

export type Coding = 'gzip' | 'x-gzip' | 'deflate' | 'raw' | 'br' | 'zstd';
export type PageKind = 'empty' | 'nasty' | 'shop' | 'prose' | 'noise';
export type Form = 'buffer' | 'array' | 'latin1' | 'hex' | 'base64';
export type Pause = 'none' | 'immediate' | 'callback' | 'drain';
export type Fault =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'junk'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string };

export interface EncoderPlan {
  readonly level: number;
  readonly chunkSize: number;
  /** How many bodies of their own the page is cut into; gzip's and Zstandard's can be joined. */
  readonly members: number;
  /** After which part of the page, from 0 to 1, the encoder is flushed; all of it, or so that a reader may begin there. */
  readonly flushes: readonly { readonly at: number; readonly isFull: boolean }[];
  /** gzip's header holds a file name. */
  readonly isNamed: boolean;
}

export interface CodedCase {
  readonly method: 'GET' | 'HEAD';
  readonly version: '1.0' | '1.1';
  readonly connection: '' | 'keep-alive' | 'close';
  readonly isPersonal: boolean;
  readonly page: { readonly kind: PageKind; readonly seed: number; readonly size: number };
  readonly coding: Coding;
  readonly encoder: EncoderPlan;
  readonly fault: Fault | undefined;
  readonly headers: 'set' | 'writeHead' | 'type-first' | 'coding-first' | 'send';
  /** The `Content-Length` that the app gives. */
  readonly length: 'none' | 'right' | 'wrong';
  readonly isChunked: boolean;
  readonly hasTrailers: boolean;
  readonly hasMore: boolean;
  /** Places from 0 to 1; or single bytes; or as the encoder gave its output out. */
  readonly cuts: readonly number[] | 'bytes' | 'encoder';
  readonly endsWithPart: boolean;
  /** These three are taken in turn, a part each. */
  readonly forms: readonly Form[];
  readonly pauses: readonly Pause[];
  readonly callbacks: readonly boolean[];
  readonly hasEndCallback: boolean;
  /** The app uses its memory again once it has heard that a chunk is gone. */
  readonly overwrites: boolean;
}

/** What one connection carries: all but the last keep it open. */
export interface CodedGroup {
  readonly framework: 'node:http' | 'Express 5';
  /** The server's sockets are full after a KiB. */
  readonly isTight: boolean;
  readonly isPipelined: boolean;
  readonly reader: 'fast' | 'slow' | 'late';
  readonly cases: readonly CodedCase[];
  /** The client goes after so many bytes of the last response, or once the app has its request; with a reset or not. */
  readonly abort?: { readonly after: number; readonly isReset: boolean };
}

export type Kind = 'sound' | 'faulty' | 'aborted';

/** Where Node.js has no Zstandard, such a body is left alone, like one in any coding that is unknown. */
const withZstd: readonly 'zstd'[] = zstd === undefined ? [] : ['zstd', 'zstd'];
const codings: readonly Coding[] = ['gzip', 'gzip', 'x-gzip', 'deflate', 'raw', 'br', 'br', ...withZstd];
const names: readonly string[] = ['gzip', 'deflate', 'br', ...withZstd];
const large = 6 * 1024 * 1024;

export function randomGroup(seed: number, kind: Kind): CodedGroup {
  const random = randomFrom(seed);
  const chance = (of: number): boolean => random() < of;
  const pick = pickFrom(random);
  const whole = (most: number): number => Math.floor(random() * most);
  const some = <Item>(most: number, make: () => Item): Item[] =>
    Array.from({ length: 1 + whole(most) }, make);

  function size(): number {
    const which = random();
    if (kind === 'sound' && which < 0.002) return large;
    const most = which < 0.05 ? 300_000 : which < 0.4 ? 40_000 : 5000;
    return Math.floor(Math.exp(random() * Math.log(most)));
  }

  function encoder(coding: Coding, length: number): EncoderPlan {
    const isGzip = coding.endsWith('gzip');
    return {
      level: coding === 'br' && length > 20_000 ? whole(5) : whole(10),
      chunkSize: length > 50_000 ? pick([4096, 16_384]) : pick([64, 300, 1024, 16_384]),
      members: (isGzip || coding === 'zstd') && chance(0.15) ? 2 : 1,
      flushes: chance(0.6) ? [] : some(4, () => ({ at: random(), isFull: chance(0.3) })),
      isNamed: isGzip && chance(0.15),
    };
  }

  function fault(coding: Coding): Fault {
    const which = random();
    if (which < 0.3) return { kind: 'cut', at: chance(0.3) ? 1 : random() };
    if (which < 0.65) return { kind: 'flip', at: random(), bit: whole(8) };
    if (which < 0.85)
      return { kind: 'junk', text: pick(['junk', '\0', '\0\0\0\0\0', 'x', '\x1f\x8b', '<p>']) };
    return { kind: 'name', name: pick(names.filter((each) => each !== coding)) };
  }

  function cuts(length: number): CodedCase['cuts'] {
    const which = random();
    if (which < 0.25) return [];
    if (which < 0.5) return [random()];
    if (which < 0.7) return some(12, random);
    if (which < 0.85 || length > 400) return 'encoder';
    return 'bytes';
  }

  function coded(isLast: boolean): CodedCase {
    const method = chance(0.07) ? 'HEAD' : 'GET';
    const coding = pick(codings);
    const kindOfPage: PageKind = chance(0.04)
      ? 'empty'
      : pick(['nasty', 'nasty', 'nasty', 'shop', 'shop', 'prose', 'noise']);
    const page = { kind: kindOfPage, seed: whole(2 ** 31), size: size() };
    const version = isLast && chance(0.2) ? '1.0' : '1.1';
    return {
      method,
      version,
      connection: isLast ? pick(['', 'keep-alive', 'close']) : '',
      isPersonal: chance(0.15),
      page,
      coding,
      encoder: encoder(coding, page.size),
      fault: isLast && kind === 'faulty' ? fault(coding) : undefined,
      headers: pick(['set', 'set', 'writeHead', 'type-first', 'coding-first', 'send']),
      length: pick(['none', 'none', 'right', 'wrong']),
      isChunked: version === '1.1' && chance(0.1),
      hasTrailers: method === 'GET' && version === '1.1' && chance(0.1),
      hasMore: chance(0.3),
      cuts: cuts(page.size),
      endsWithPart: chance(0.5),
      forms: chance(0.5) ? ['buffer'] : some(4, () => pick(['buffer', 'array', 'latin1', 'hex', 'base64'])),
      pauses: chance(0.3)
        ? ['none']
        : chance(0.4)
          ? ['drain']
          : some(4, () => pick(['none', 'immediate', 'callback', 'drain'])),
      callbacks: chance(0.3) ? [false] : some(4, () => chance(0.6)),
      hasEndCallback: chance(0.5),
      overwrites: chance(0.3),
    };
  }

  const count = chance(0.35) ? 2 + whole(4) : 1;
  const group: CodedGroup = {
    framework: pick(['node:http', 'Express 5']),
    isTight: chance(0.3),
    isPipelined: chance(0.7),
    reader: pick(['fast', 'fast', 'fast', 'slow', 'late']),
    cases: Array.from({ length: count }, (_, index) => coded(index === count - 1)),
  };
  if (kind !== 'aborted') return group;
  return {
    ...group,
    // A response that waits for another one is left alone by Node itself, should the connection go.
    isPipelined: false,
    abort: { after: chance(0.15) ? 0 : Math.floor(random() ** 2 * 40_000), isReset: chance(0.5) },
  };
}
