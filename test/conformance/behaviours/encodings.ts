/** Bodies that the app has encoded: taken apart, signed and encoded again, or left as they came. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { expect } from 'vitest';
import type { RawResponse } from '../../support/http/raw.ts';
import type { Barrier } from '../barriers.ts';
import type { SiteName } from '../sites/index.ts';
import { countTokens, withoutTokens } from '../stores/index.ts';
import type { Subject } from '../subject.ts';
import type { Visitor } from '../visitor.ts';
import type { Behaviour, Behaviours } from './behaviour.ts';

const all = { headers: { 'accept-encoding': 'gzip, deflate, br' } };

function expectSigned(
  response: RawResponse,
  { page, tokensOfPage }: Subject,
  coding: string,
  decode: (bytes: Buffer) => Buffer,
): void {
  expect([response.isComplete, response.header('content-encoding')]).toEqual([true, coding]);
  const text = decode(response.body).toString();
  expect([withoutTokens(text), countTokens(text)]).toEqual([page, tokensOfPage]);
}

const recodes =
  (coding: string, decode: (bytes: Buffer) => Buffer): Behaviour =>
  async (visit, subject) => {
    const site = await visit('pages');
    for (const how of ['whole', 'parts'])
      expectSigned(await site.ask(`/coded?coding=${coding}&how=${how}`, all), subject, coding, decode);
    expect(await site.told()).toEqual([]);
  };

const cut =
  (coding: string, decode: (bytes: Buffer) => Buffer): Behaviour =>
  async (visit, subject) => {
    const site = await visit('pages');
    for (const how of ['bytes', ...[0, 1, 2, 3, 9, 10, 11].map((at) => `cut&at=${at}`)])
      expectSigned(await site.ask(`/coded?coding=${coding}&how=${how}`, all), subject, coding, decode);
    expect(await site.told()).toEqual([]);
  };

const compressed =
  (name: SiteName): Behaviour =>
  async (visit, subject) => {
    const site = await visit(name);
    for (const path of ['/', '/bytes', '/parts'])
      expectSigned(
        await site.ask(path, { headers: { 'accept-encoding': 'gzip' } }),
        subject,
        'gzip',
        gunzipSync,
      );
    // Once, where it can be told that other middleware has encoded the page.
    const told = await site.told();
    if (told.length > 0) expect([name, told]).toEqual(['compressed-after', [encodedAbove]]);
  };

const encodedAbove = { type: 'passed', reason: 'encoded-above' };

export const encodings: Behaviours = {
  'gzip is decoded, signed and encoded again': recodes('gzip', gunzipSync),
  'deflate is decoded, signed and encoded again': recodes('deflate', inflateSync),
  'br is decoded, signed and encoded again': recodes('br', brotliDecompressSync),

  'gzip is told by its first two bytes, in whatever chunks they come': cut('gzip', gunzipSync),
  'deflate is told by its first two bytes, in whatever chunks they come': cut('deflate', inflateSync),

  'a body that never yields a page passes as it came after a megabyte, and is reported once': async (
    visit,
  ) => {
    const [site, plain] = [await visit('pages'), await visit('plain')];
    const [mine, theirs] = [await site.ask('/endless-name', all), await plain.ask('/endless-name', all)];
    expect([mine.isComplete, mine.body.length, mine.body.equals(theirs.body)]).toEqual([
      true,
      48 * 65_536 + 10,
      true,
    ]);
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
  },

  'compression mounted before the signer encodes what is signed': compressed('compressed-before'),
  'compression mounted after the signer is taken off, and put on again': compressed('compressed-after'),

  'a body in a coding that nobody knows passes as it came, and is reported': async (visit, { odd }) => {
    const site = await visit('pages');
    const { header, body, isComplete } = await site.ask('/odd', all);
    expect([header('content-encoding'), body.equals(odd), isComplete]).toEqual(['odd', true, true]);
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'encoding' }]);
  },

  'a corrupt body passes as it came, and is reported': async (visit) => {
    const [site, plain] = [await visit('pages'), await visit('plain')];
    const [mine, theirs] = [await site.ask('/corrupt', all), await plain.ask('/corrupt', all)];
    expect(mine.body.equals(theirs.body)).toBe(true);
    expect([mine.isComplete, mine.header('content-encoding')]).toEqual([true, 'gzip']);
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
  },

  'a body that turns out corrupt late breaks off, and is reported': async (
    visit,
    _subject,
    createBarrier,
  ) => {
    const site = await visit('pages');
    const { body } = await corruptLate(site, createBarrier);
    expect(body.length).toBeGreaterThan(0);
    expect(() => gunzipSync(body)).toThrow();
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
  },

  'a body that turns out corrupt late ends without a clean end': async (visit, _subject, createBarrier) => {
    expect((await corruptLate(await visit('pages'), createBarrier)).isComplete).toBe(false);
  },
};

/** The rest comes when a part has gone out. */
async function corruptLate(site: Visitor, createBarrier: () => Barrier): Promise<RawResponse> {
  const barrier = createBarrier();
  const reading = await site.open(`/corrupt-late?barrier=${barrier.url}`);
  await reading.until(20_000);
  await barrier.open();
  return reading.whole();
}
