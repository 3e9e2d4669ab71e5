/** Framing, statuses and header fields: right for the body that goes out, and the app's own in all else. */
import { expect } from 'vitest';
import type { RawResponse } from '../../support/http/raw.ts';
import { countTokens, withoutTokens } from '../stores/index.ts';
import type { Behaviours } from './behaviour.ts';

/** Without what hangs on the moment, and how the body is framed. */
function fieldsOf({ headers }: RawResponse, without: readonly string[] = []): string[] {
  const framing = ['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', ...without];
  return headers
    .filter(([name]) => !framing.includes(name))
    .map((field) => field.join(': '))
    .sort();
}

export const headers: Behaviours = {
  'Content-Length is right or absent': async (visit) => {
    const site = await visit('pages');
    for (const path of ['/', '/bytes', '/parts', '/length', '/latin-1', '/long']) {
      const { header, body, isComplete } = await site.ask(path);
      expect([undefined, String(body.length)]).toContain(header('content-length'));
      expect(isComplete).toBe(true);
    }
  },

  'HEAD has the headers of GET, and no body': async (visit) => {
    const site = await visit('pages');
    for (const path of ['/', '/parts', '/length', '/links', '/tagged', '/error', '/old']) {
      const [get, head] = [await site.ask(path), await site.ask(path, { method: 'HEAD' })];
      expect(fieldsOf(head)).toEqual(fieldsOf(get));
      expect([head.status, head.body.length]).toEqual([get.status, 0]);
      const length = String(get.body.length);
      expect([undefined, length]).toContain(head.header('content-length'));
    }
  },

  '204 and 304 carry nothing, and say nothing of a length': async (visit) => {
    const site = await visit('pages');
    const nothing = await site.ask('/nothing');
    expect([nothing.status, nothing.body.length, nothing.header('x-app')]).toEqual([204, 0, 'a']);
    const tag = (await site.ask('/tagged')).header('etag')!;
    const same = await site.ask('/tagged', { headers: { 'if-none-match': tag } });
    expect([same.status, same.body.length, same.header('transfer-encoding')]).toEqual([304, 0, undefined]);
    expect(same.header('content-length')).toBeUndefined();
  },

  'a 206 passes untouched, and is reported': async (visit, { page }) => {
    const site = await visit('pages');
    const { status, text, header } = await site.ask('/part');
    expect([status, text, header('content-range')]).toEqual([206, page.slice(0, 99), 'bytes 0-98/999']);
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'partial-content' }]);
  },

  'an event names its request: the method and the path as the client sent it, without the query': async (
    visit,
  ) => {
    const site = await visit('pages');
    await site.ask('/no-transform?token=secret');
    await site.ask('/part', { method: 'HEAD' });
    expect(await site.toldOfPages()).toEqual([
      { type: 'passed', reason: 'no-transform', page: 'GET /no-transform' },
      { type: 'passed', reason: 'partial-content', page: 'HEAD /part' },
    ]);
  },

  'a rewritten page is told with what became of its URLs, once its last byte is known': async (visit) => {
    const site = await visit('pages');
    for (const path of ['/', '/parts']) {
      const { body, text } = await site.ask(path);
      const [event] = await site.toldOfPages();
      const counts = { kept: 0, skipped: 0, denied: 0, bytes: body.length };
      expect(event).toMatchObject({ type: 'rewritten', page: `GET ${path}`, ...counts });
      expect(event).toHaveProperty('signed', countTokens(text));
    }
  },

  'no-transform passes untouched, and is reported': async (visit, { page }) => {
    const site = await visit('pages');
    const { text, header } = await site.ask('/no-transform');
    expect([text, header('cache-control')]).toEqual([page, 'public, no-transform, max-age=99999999']);
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'no-transform' }]);
  },

  'a redirect names what the app has named': async (visit, { tokensOfPage, url }) => {
    const { status, header, text } = await (await visit('pages')).ask('/sent-on');
    const named = ['location', 'content-location', 'refresh'].map(header);
    expect([status, ...named]).toEqual([302, url(), url(), `5; url=${url()}`]);
    expect(countTokens(text)).toBe(tokensOfPage);
  },

  'every Set-Cookie is kept, on a line of its own': async (visit) => {
    const { headers } = await (await visit('pages')).ask('/cookies');
    const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    expect(cookies).toEqual(['a=1; Path=/', 'b=2, 3; Path=/']);
  },

  'a Link names the very URL of the page, unless rewrite.headers is off': async (visit, { url }) => {
    const { header, text } = await (await visit('pages')).ask('/links');
    const link = header('link')!;
    expect([countTokens(link), withoutTokens(link)]).toEqual([
      1,
      `<${url()}>; rel=preload; as=image, </a.css>; rel=preload; as=style`,
    ]);
    expect(text).toContain(`SRC=${/<(.*?)>/.exec(link)![1]!.replaceAll('&', '&amp;')} `);
    expect(countTokens((await (await visit('links-off')).ask('/links')).header('link')!)).toBe(0);
  },

  'CSS stays where a policy allows styles by their hash, and that is reported': async (
    visit,
    { page, tokensOfPage, tokensInCss, url },
  ) => {
    const site = await visit('pages');
    const { text, header } = await site.ask('/style-hash');
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, tokensOfPage - tokensInCss]);
    expect(text).toContain(`url("${url('card')}")`);
    expect(header('content-security-policy')).toBe("style-src 'sha256-abc='");
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'style-hash' }]);
  },

  'what was true of the old body does not go out': async (visit, { tokensOfPage }) => {
    const response = await (await visit('pages')).ask('/old');
    expect(countTokens(response.text)).toBe(tokensOfPage);
    const gone = ['last-modified', 'accept-ranges', 'content-md5', 'digest', 'repr-digest', 'content-digest'];
    for (const name of gone) expect(response.header(name), name).toBeUndefined();
  },

  'what is no page has the headers that it has without us': async (visit) => {
    for (const path of ['/json', '/plain-text', '/xhtml', '/nothing', '/nowhere']) {
      const [mine, plain] = [await (await visit('pages')).ask(path), await (await visit('plain')).ask(path)];
      expect(fieldsOf(mine)).toEqual(fieldsOf(plain));
      expect([mine.status, mine.header('content-length'), mine.text]).toEqual([
        plain.status,
        plain.header('content-length'),
        plain.text,
      ]);
    }
  },
};
