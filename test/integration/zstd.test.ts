/**
 * Bodies in Zstandard, where Node.js has it: of several frames, corrupt, and of frames that ask for much memory. The law of
 * encodings has what holds for every coding, and `encodings.test.ts` what happens where Node.js lacks this one.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { ZstdFrames, zstd } from '../../src/node/http/zstd.ts';
import { note } from '../support/events.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';

const image = `<img src="${url()}">`;
const page = `<!DOCTYPE html><title>x</title>${image}${'<p>text</p>'.repeat(200)}${image}`;
const skippable = Buffer.from('502a4d1803000000abcdef', 'hex');

/** A frame of one block, which is not compressed (RFC 8878, 3.1.1): magic number, header, block header, content. */
const oneFrame = Buffer.concat([
  Buffer.from('28b52ffd20', 'hex'),
  Buffer.from([image.length, (image.length * 8 + 1) % 256, Math.floor((image.length * 8 + 1) / 256), 0]),
  Buffer.from(image),
]);

/** In one call, in two, and byte by byte. */
const ways = (body: Buffer): Buffer[][] => [
  [body],
  [body.subarray(0, body.length / 2), body.subarray(body.length / 2)],
  Array.from(body, (byte) => Buffer.from([byte])),
];

const sending = (parts: readonly Buffer[]) => (response: ServerResponse) => {
  for (const part of parts.slice(0, -1)) response.write(part);
  response.end(parts.at(-1));
};

interface Answer extends RawResponse {
  readonly events: readonly ImageSignerEvent[];
}

async function ask(handle: (response: ServerResponse) => void): Promise<Answer> {
  const events: ImageSignerEvent[] = [];
  const sign = imageSigner({ ...base, report: (event) => note(events, event) } as ImageSignerOptions);
  const listener: RequestListener = (request: IncomingMessage, response) =>
    sign(request, response, () => {
      response.setHeader('Content-Type', 'text/html').setHeader('Content-Encoding', 'zstd');
      handle(response);
    });
  return { ...(await withSite(listener, (port) => send(port, '/'))), events };
}

if (zstd === undefined) {
  test('where Node.js has no Zstandard, a body passes as it came, and is reported', async () => {
    for (const parts of ways(oneFrame)) {
      const { body, events, isComplete } = await ask(sending(parts));
      expect(body).toEqual(oneFrame);
      expect(isComplete).toBe(true);
      expect(events).toEqual([{ type: 'passed', reason: 'encoding' }]);
    }
  });
} else testsOf(zstd);

function testsOf({ zstdCompressSync, createZstdDecompress }: NonNullable<typeof zstd>): void {
  const encode = (text: string): Buffer => zstdCompressSync(Buffer.from(text));
  /** Of a body that may have several frames. */
  async function decode(bytes: Buffer): Promise<string> {
    const decoder = createZstdDecompress({});
    for (const part of new ZstdFrames().split(bytes)) decoder.write(part);
    const contents: Buffer[] = [];
    for await (const content of decoder.end()) contents.push(content as Buffer);
    return Buffer.concat(contents).toString();
  }

  test.each<[title: string, body: () => Buffer]>([
    ['of two frames', () => Buffer.concat([encode(page.slice(0, 900)), encode(page.slice(900))])],
    ['behind a frame to skip', () => Buffer.concat([skippable, encode(page)])],
    ['before a frame to skip', () => Buffer.concat([encode(page), skippable])],
    ['between empty frames', () => Buffer.concat([encode(''), encode(page), encode('')])],
  ])('a body %s is one page', async (_title, body) => {
    for (const parts of ways(body())) {
      const { body: out, events, isComplete } = await ask(sending(parts));
      expect(isComplete).toBe(true);
      expect(withoutTokens(await decode(out))).toBe(page);
      expect(countTokens(await decode(out))).toBe(2);
      expect(events).toEqual([]);
    }
  });

  test.each<[title: string, body: () => Buffer]>([
    ['that is cut off', () => encode(page).subarray(0, -5)],
    ['with junk at its end', () => Buffer.concat([encode(page), Buffer.from('junk')])],
    ['with a byte of junk at its end', () => Buffer.concat([encode(page), Buffer.from('x')])],
    ['that is none', () => Buffer.from(page)],
    ['whose second frame is cut off', () => Buffer.concat([encode(page), encode(page).subarray(0, -5)])],
    // RFC 9659, 3: a window of 128 MiB.
    ['that asks for too much memory', () => Buffer.from('28b52ffd0088110000abcd', 'hex')],
  ])('a corrupt body %s passes as it came, and is reported', async (_title, body) => {
    for (const parts of ways(body()).slice(0, 2)) {
      const { body: out, events, isComplete } = await ask(sending(parts));
      expect(out).toEqual(body());
      expect(isComplete).toBe(true);
      expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
    }
  });

  test('a page of 2 MiB is streamed', async () => {
    const long = `${image}${'<p>text</p>'.repeat(200_000)}${image}`;
    const { body } = await ask((response) => response.end(encode(long)));
    expect(withoutTokens(await decode(body))).toBe(long);
    expect(countTokens(await decode(body))).toBe(2);
  });
}
