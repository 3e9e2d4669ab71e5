/** The bytes of a coded case: its page, the body that it is encoded to, what is wrong with that, and its parts. */
import type { Transform } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createDeflate,
  createDeflateRaw,
  createGzip,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { ZstdFrames, zstd } from '../../../src/node/http/zstd.ts';
import { nastyDocument } from '../../support/generators/nasty-documents.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { url } from '../../support/samples.ts';
import { products, shopPage } from '../../support/servers/shop.ts';
import type { CodedCase, Coding, EncoderPlan } from './coded-case.ts';

export function pageOf({ page: { kind, seed, size } }: CodedCase): Buffer {
  const pieces: Buffer[] = [];
  const random = randomFrom(seed);
  const fill = (unit: Buffer): Buffer => Buffer.alloc(size, unit.length > 0 ? unit : ' ');
  switch (kind) {
    case 'empty':
      return Buffer.alloc(0);
    case 'nasty':
      for (let length = 0, at = 0; length < Math.min(size, 30_000); at++) {
        pieces.push(nastyDocument(seed + at));
        length += pieces.at(-1)!.length;
      }
      return size > 30_000 ? fill(Buffer.concat(pieces)) : Buffer.concat(pieces);
    case 'shop':
      return fill(Buffer.from(shopPage(products(seed, 1 + Math.min(60, Math.floor(size / 900)), 300))));
    case 'prose':
      return fill(Buffer.from(shopPage(products(seed, 20, 300)).replaceAll('imagedelivery', 'elsewhere')));
    case 'noise': {
      // What hardly shrinks fills sockets, and gives an encoder more than one piece.
      const hex = Array.from({ length: Math.min(size, 300_000) / 8 + 1 }, () =>
        (random() * 2 ** 32).toString(36),
      );
      hex.splice(Math.floor(hex.length / 2), 0, `<img src="${url()}">`);
      return fill(Buffer.from(hex.join(' ')));
    }
  }
}

export interface Encoded {
  readonly bytes: Buffer;
  /** Where the encoder's own pieces end. */
  readonly ends: readonly number[];
}

export async function encodedOf(page: Buffer, { coding, encoder, fault }: CodedCase): Promise<Encoded> {
  const { members } = encoder;
  const pieces: Buffer[] = [];
  for (let at = 0; at < members; at++) {
    const member = page.subarray((page.length * at) / members, (page.length * (at + 1)) / members);
    pieces.push(...(await encode(member, coding, encoder)));
  }
  let end = 0;
  const ends = pieces.map((piece) => {
    end += piece.length;
    return end;
  });
  const bytes = Buffer.concat(pieces);
  if (fault?.kind === 'cut')
    return { bytes: bytes.subarray(0, fault.at === 1 ? -1 : fault.at * bytes.length), ends };
  if (fault?.kind === 'junk')
    return { bytes: Buffer.concat([bytes, Buffer.from(fault.text, 'latin1')]), ends };
  if (fault?.kind === 'flip') bytes[Math.floor(fault.at * bytes.length)]! ^= 1 << fault.bit;
  return { bytes, ends };
}

async function encode(page: Buffer, coding: Coding, plan: EncoderPlan): Promise<Buffer[]> {
  const encoder = encoderOf(coding, plan);
  const pieces: Buffer[] = [];
  encoder.on('data', (piece) => pieces.push(piece));
  const { full, sync } = flushesOf(coding);
  let start = 0;
  for (const { at, isFull } of plan.flushes.toSorted((a, b) => a.at - b.at)) {
    const end = Math.floor(at * page.length);
    encoder.write(page.subarray(start, end));
    await new Promise<void>((resolve) => encoder.flush(isFull ? full : sync, resolve));
    start = end;
  }
  await new Promise((resolve) => encoder.once('end', resolve).end(page.subarray(start)));
  if (!plan.isNamed) return pieces;
  const all = Buffer.concat(pieces);
  all[3]! |= 8; // RFC 1952, 2.3: a name follows the first ten bytes
  return [all.subarray(0, 10), Buffer.from('page.html\0'), all.subarray(10)];
}

function flushesOf(coding: Coding): { readonly full: number; readonly sync: number } {
  const { BROTLI_OPERATION_FLUSH: brotli, Z_FULL_FLUSH: full, Z_SYNC_FLUSH: sync } = constants;
  if (coding === 'br') return { full: brotli, sync: brotli };
  if (coding !== 'zstd') return { full, sync };
  const { ZSTD_e_flush: flush } = zstd!.constants;
  return { full: flush, sync: flush };
}

type Flushing = Transform & { flush(kind: number, callback: () => void): void };

function encoderOf(coding: Coding, { level, chunkSize }: EncoderPlan): Flushing {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGzip({ level, chunkSize });
    case 'deflate':
      return createDeflate({ level, chunkSize });
    case 'raw':
      return createDeflateRaw({ level, chunkSize });
    case 'br':
      return createBrotliCompress({ chunkSize, params: { [constants.BROTLI_PARAM_QUALITY]: level } });
    case 'zstd':
      return zstd!.createZstdCompress({ chunkSize, params: { [zstdLevel]: level } });
  }
}

/** `ZSTD_c_compressionLevel`. */
const zstdLevel = 100;

/** The name that the app calls the body's coding by. */
export function nameOf({ coding, fault }: CodedCase): string {
  return fault?.kind === 'name' ? fault.name : coding === 'raw' ? 'deflate' : coding;
}

/** @returns undefined for what Node's own synchronous functions refuse */
export function decode(bytes: Buffer, name: string): Buffer | undefined {
  if (bytes.length === 0) return bytes; // no body at all is one without content
  try {
    if (name === 'zstd') return unzstd(bytes);
    if (name === 'br') return brotliDecompressSync(bytes);
    if (name !== 'deflate') return gunzipSync(bytes);
    const isZlib = (bytes[0]! & 0x0f) === 8 && bytes[0]! >> 4 <= 7 && bytes.readUint16BE() % 31 === 0;
    return isZlib ? inflateSync(bytes) : inflateRawSync(bytes);
  } catch {
    return undefined;
  }
}

/** Node's function reads one frame, and in Node.js 22 says nothing of one that is cut off. */
function unzstd(bytes: Buffer): Buffer {
  const params = { [zstd!.constants.ZSTD_d_windowLogMax]: 23 }; // RFC 9659, 3: no frame may need more than 8 MiB
  const frames = new ZstdFrames();
  const contents = frames.split(bytes).map((frame) => zstd!.zstdDecompressSync(frame, { params }));
  if (!frames.isComplete) throw new Error('a frame is cut off');
  return Buffer.concat(contents);
}

/** What is written, a part a call; the last is for `end` where that takes one. */
export function partsOf({ bytes, ends }: Encoded, cuts: CodedCase['cuts']): Buffer[] {
  if (cuts === 'bytes' && bytes.length > 0) return [...bytes].map((byte) => Buffer.from([byte]));
  const places = typeof cuts === 'string' ? ends : cuts.map((at) => Math.floor(at * bytes.length));
  const sorted = [0, ...places.filter((at) => at < bytes.length).toSorted((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}
