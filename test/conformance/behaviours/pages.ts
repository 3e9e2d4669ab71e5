/** A page is signed, and nothing else of it changes; what is no page, or cannot be read, passes as it came. */
import { expect } from 'vitest';
import type { RawResponse } from '../../support/http/raw.ts';
import { countTokens, withoutTokens } from '../stores/index.ts';
import { spoil } from '../stores/store.ts';
import type { Behaviours } from './behaviour.ts';

/** @param bytes - without tokens */
function expectSigned(response: RawResponse, bytes: string | Buffer, tokens: number): void {
  const text = response.body.toString('latin1');
  expect(withoutTokens(text)).toBe(Buffer.from(bytes as string).toString('latin1'));
  expect([response.isComplete, countTokens(text)]).toEqual([true, tokens]);
}

function imageOf(url: string): string {
  return `<img src="${url.replaceAll('&', '&amp;')}">`;
}

function expectPassed(response: RawResponse, bytes: string | Buffer): void {
  expectSigned(response, bytes, 0);
}

/** @param page - declares its character set within its first 1,024 bytes, but not once it is signed */
function expectDeclared(response: RawResponse, page: Buffer): void {
  expectSigned(response, page, 6);
  expect(page.indexOf('<meta')).toBeLessThan(1_000);
  expect(response.body.indexOf('<meta')).toBeGreaterThan(1_024);
  expect(response.header('content-type')).toBe('text/html; charset=windows-1251');
}

export const pages: Behaviours = {
  'a page is signed whole, and is the page byte for byte without its tokens': async (
    visit,
    { page, tokensOfPage },
  ) => {
    const site = await visit('pages');
    for (const path of ['/', '/bytes', '/parts']) {
      const response = await site.ask(path);
      expect(response.status).toBe(200);
      expectSigned(response, page, tokensOfPage);
    }
    expect(await site.told()).toEqual([]);
  },

  'an error page is signed, and keeps its status': async (visit, { page, tokensOfPage }) => {
    const response = await (await visit('pages')).ask('/error');
    expect(response.status).toBe(503);
    expectSigned(response, page, tokensOfPage);
  },

  'a page in another character set keeps its bytes and its label': async (visit, { latin, shiftJis }) => {
    const site = await visit('pages');
    const latinOne = await site.ask('/latin-1');
    expectSigned(latinOne, latin, 1);
    expect(latinOne.header('content-type')).toMatch(/^text\/html; ?charset=iso-8859-1$/i);
    const japanese = await site.ask('/shift-jis');
    expectSigned(japanese, shiftJis, 1);
    expect(japanese.header('content-type')).toMatch(/^text\/html; ?charset=shift_jis$/i);
  },

  'where tokens push a meta out of the first 1,024 bytes, Content-Type names the character set': async (
    visit,
    { declaredLate },
  ) => {
    const site = await visit('pages');
    // The third visit may come from the page cache.
    for (const path of ['/declared-late', '/declared-late', '/declared-late'])
      expectDeclared(await site.ask(path), declaredLate);
  },

  'where tokens push a meta out of the first part of a stream, Content-Type names it as well': async (
    visit,
    { declaredLate },
  ) => {
    expectDeclared(await (await visit('pages')).ask('/declared-late-in-parts'), declaredLate);
  },

  'UTF-16 passes, by its label and by its mark, and is reported': async (visit, { utf16 }) => {
    const site = await visit('pages');
    expectPassed(await site.ask('/utf-16'), utf16);
    expectPassed(await site.ask('/utf-16-by-mark'), Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]));
    expect(await site.told()).toEqual([
      { type: 'passed', reason: 'charset' },
      { type: 'passed', reason: 'charset' },
    ]);
  },

  'ISO-2022-JP passes, named by the first charset of two, by a meta, or from the first escape on': async (
    visit,
    { shiftedByMeta, shiftedByEscape },
  ) => {
    const site = await visit('pages');
    for (const path of ['/shifted-by-meta', '/shifted-by-first-charset'])
      expectPassed(await site.ask(path), path === '/shifted-by-meta' ? shiftedByMeta : shiftedByEscape);
    const { body, text } = await site.ask('/shifted-by-escape');
    const stop = shiftedByEscape.indexOf('\x1b');
    expect(body.toString().endsWith(shiftedByEscape.toString('utf8', stop))).toBe(true);
    expect([withoutTokens(text), countTokens(text)]).toEqual([shiftedByEscape.toString(), 1]);
    const charset = { type: 'passed', reason: 'charset' };
    expect(await site.told()).toEqual([charset, charset, charset]);
  },

  'a page whose Content-Type names its character set is signed to its end, whatever it holds': async (
    visit,
    { shiftedByMeta },
  ) => {
    const site = await visit('pages');
    const { text } = await site.ask('/shifted-by-nobody');
    expect([withoutTokens(text), countTokens(text)]).toEqual([shiftedByMeta.toString(), 2]);
    expect(await site.told()).toEqual([]);
  },

  'XHTML and plain text pass, and nobody is told': async (visit, { page }) => {
    const site = await visit('pages');
    for (const path of ['/xhtml', '/plain-text']) expectPassed(await site.ask(path), page);
    expect(await site.told()).toEqual([]);
  },

  'a tag of more than 64 KiB passes and is reported, and the next one is signed': async (
    visit,
    { long, signer, url },
  ) => {
    const site = await visit('pages');
    const response = await site.ask('/long');
    expectSigned(response, long, 1);
    expect(response.text.endsWith(`<img src="${signer.signImage(url()).replaceAll('&', '&amp;')}">`)).toBe(
      true,
    );
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'too-long' }]);
  },

  'JSON passes unless rewrite.json is on, and then its values are signed': async (visit, { json, page }) => {
    const plain = await (await visit('pages')).ask('/json');
    expect(JSON.parse(plain.text)).toEqual(json);
    for (const name of ['with-json', 'html-off'] as const) {
      const response = await (await visit(name)).ask('/json');
      expectSigned(response, plain.text, 2);
      expect([undefined, String(response.body.length)]).toContain(response.header('content-length'));
    }
    expectPassed(await (await visit('html-off')).ask('/'), page);
  },

  'rewrite: false leaves pages and headers alone': async (visit, { page }) => {
    const response = await (await visit('helpers-only')).ask('/links');
    expectPassed(response, page);
    expect(countTokens(response.header('link')!)).toBe(0);
  },

  'an account that is not allowed is not signed, and is reported': async (visit, { page }) => {
    const site = await visit('one-account');
    expectPassed(await site.ask('/'), page);
    expect(await site.told()).toContainEqual(
      expect.objectContaining({ type: 'skipped', reason: 'account-not-allowed' }),
    );
  },

  'variants that are always public are not signed': async (visit, { page }) => {
    const site = await visit('all-public');
    expectPassed(await site.ask('/'), page);
    expect(await site.told()).toEqual([]);
  },

  'the option attributes adds an attribute': async (visit, { ownAttribute }) => {
    const [plain, more] = [await visit('pages'), await visit('attributes')];
    expectPassed(await plain.ask('/own-attribute'), ownAttribute);
    expectSigned(await more.ask('/own-attribute'), ownAttribute, 1);
  },

  'a URL that carries a token keeps a good one, and gets a new one for a worn or a wrong one': async (
    visit,
    { signer, url },
  ) => {
    const site = await visit('pages');
    const fresh = signer.signImage(url());
    const carried = async (given: string): Promise<string> =>
      (await site.ask(`/carried?url=${encodeURIComponent(given)}`)).text;
    const longer = signer.signImage(url(), undefined, { ttl: '5d' });
    expect(await carried(longer)).toBe(imageOf(longer));
    expect(await carried(signer.signImage(url(), undefined, { ttl: 60 }))).toBe(imageOf(fresh));
    expect(await carried(spoil(fresh))).toBe(imageOf(fresh));
  },

  'an always public URL loses the token that it carries': async (visit, { url }) => {
    const carried = encodeURIComponent(`${url('preview')}?exp=1&sig=2`);
    const { text } = await (await visit('pages')).ask(`/carried?url=${carried}`);
    expect(text).toBe(imageOf(url('preview')));
  },

  'mounted twice with the same options it signs once': async (visit, { page, tokensOfPage }) => {
    const site = await visit('twice');
    for (const path of ['/', '/parts', '/links']) expectSigned(await site.ask(path), page, tokensOfPage);
    expect((await site.ask('/')).text).toBe((await (await visit('pages')).ask('/')).text);
    expect(await site.told()).toEqual([]);
  },

  'mounted again with other options, the later ones hold': async (visit, { page }) => {
    const site = await visit('twice-otherwise');
    for (let visits = 0; visits < 2; visits++) expectSigned(await site.ask('/'), page, 3);
    const told = (await site.told()).filter((each) => (each as { type?: string }).type === 'installed-twice');
    expect(told).toEqual([{ type: 'installed-twice' }]);
  },
};
