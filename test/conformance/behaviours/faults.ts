/** Apps that throw, and values that nobody expects: what they do without us, they do with us. */
import { expect } from 'vitest';
import type { RawResponse } from '../../support/http/raw.ts';
import { countTokens, withoutTokens } from '../stores/index.ts';
import type { Subject } from '../subject.ts';
import type { Behaviour, Behaviours } from './behaviour.ts';

/** With us and without us, and what the lifetime and the framing say left out. */
const alike =
  (pathsOf: (subject: Subject) => readonly string[]): Behaviour =>
  async (visit, subject) => {
    const without = [
      'date',
      'cache-control',
      'content-length',
      'transfer-encoding',
      'connection',
      'keep-alive',
      'etag',
    ];
    const seen = ({ status, headers, text, isComplete }: RawResponse): unknown => ({
      status,
      text: withoutTokens(text),
      isComplete,
      headers: headers
        .filter(([name]) => !without.includes(name))
        .map(([name, value]) => `${name}: ${readField(value)}`)
        .sort(),
    });
    for (const path of pathsOf(subject)) {
      const [mine, plain] = [await (await visit('pages')).ask(path), await (await visit('plain')).ask(path)];
      expect(seen(mine), path).toEqual(seen(plain));
    }
  };

export const faults: Behaviours = {
  "an app that throws gets its framework's own answer": async (visit, subject, createBarrier) => {
    await alike(() => ['/throws'])(visit, subject, createBarrier);
    const site = await visit('pages');
    const { status, text } = await site.ask('/throws');
    expect([status, countTokens(text)]).toEqual([500, 0]);
    expect((await site.ask('/')).status).toBe(200);
  },

  'a page without a body has none': alike(() => ['/empty', '/nothing']),

  'a source that fails before its first part is answered as it would be': alike(() => ['/failure-at-once']),

  'a body that somebody has used up, or still reads, is an error or an end, and holds up nobody': async (
    visit,
    { tokensOfPage },
  ) => {
    const site = await visit('pages');
    for (const path of ['/used', '/locked']) {
      const { status, text } = await site.ask(path);
      if (status === 200) expect(text).toBe('');
      else expect(Number.isNaN(status) || status === 500, String(status)).toBe(true); // no response at all, or an error
    }
    expect(countTokens((await site.ask('/')).text)).toBe(tokensOfPage);
  },

  'header values that nobody expects go out as they would': alike(({ url }) =>
    [
      ['X-Odd', 'caf\xe9 \xff'],
      ['X-Odd', `<${url()}>; rel="`],
      ['Link', '<<>>,;;,<'],
      ['Link', `<${url()}; rel=preload`],
      ['Link', '<'],
      ['Content-Type', 'text/html; charset="utf-8'],
      ['Content-Type', 'text/html;;;=;charset'],
      ['Content-Type', 'TEXT/HTML'],
      ['ETag', 'no quotes'],
      ['Content-Language', ','],
      ['Vary', '*'],
    ].map((field) => `/kept?${new URLSearchParams([field as [string, string]])}`),
  ),

  'cache headers that nobody can read keep no page': async (visit) => {
    const site = await visit('pages');
    for (const value of ['max-age=abc', '"', ', ,', 'max-age="', 'max-age=1e99', 'public=1, =']) {
      const { status, header } = await site.ask(`/kept?${new URLSearchParams({ 'Cache-Control': value })}`);
      expect([status, header('cache-control')], value).toEqual([
        200,
        expect.stringMatching(/no-cache|no-store|max-age=(?:0|43200)\b/),
      ]);
    }
  },

  'requests that nobody expects are answered as they would be': async (visit) => {
    const [site, plain] = [await visit('pages'), await visit('plain')];
    for (const [target, headers] of [
      ['/?%', {}],
      ['/?a=%ff&b=%zz', {}],
      [`/?${'a'.repeat(5000)}`, {}],
      ['/', { 'if-none-match': '"' }],
      ['/', { 'if-none-match': ',,W/,"a" "b"' }],
      ['/', { 'if-modified-since': 'no date', accept: ';;;,text/html' }],
      ['/', { range: 'bytes=a-b', 'if-range': 'x' }],
      ['/', { accept: '"', 'accept-encoding': ';q=' }],
    ] as [string, Record<string, string>][]) {
      const [mine, theirs] = [await site.ask(target, { headers }), await plain.ask(target, { headers })];
      expect([mine.status, withoutTokens(mine.text)]).toEqual([theirs.status, theirs.text]);
    }
  },

  'a signer beside the middleware gives the very URL that the page gets': async (visit, { signer, url }) => {
    const { text } = await (await visit('pages')).ask('/beside');
    const signed = signer.signImage(url());
    expect(text).toBe(`<script>image = '${signed}'</script><img src="${signed.replaceAll('&', '&amp;')}">`);
  },
};

/** Node.js writes what is not ASCII as UTF-8 or as Latin-1, by how the body comes. */
function readField(value: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}
