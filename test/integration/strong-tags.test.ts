/**
 * Apps that compare a strong tag themselves, text by text, in every adapter: they answer 304 while the tokens are the same,
 * as without the middleware.
 */
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { expect, test } from 'vitest';
import { imageSigner as honoSigner } from '../../src/hono.ts';
import { listeners } from '../conformance/drivers/listeners.ts';
import { send } from '../support/http/raw.ts';
import { base, clockAt, countTokens, url } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';
import { boundTag } from './conditional.ts';

const page = `<p>text</p><img src="${url()}">`;
const headers = { 'content-type': 'text/html', etag: '"v1"' };

test.each(listeners)(
  '$name: the app gets its own tag back, and its 304 goes out, until the tokens change',
  async ({ build }) => {
    const now = clockAt();
    const listener = await build({
      signers: [{ ...base, now }],
      answer: ({ header }) =>
        header('if-none-match') === '"v1"' ? { status: 304, headers, body: null } : { headers, body: page },
    });
    await withSite(listener, async (port) => {
      for (const accept of ['*/*', 'text/html']) {
        const ask = (more: object = {}, method = 'GET') =>
          send(port, '/', { method, headers: { accept, ...more } });
        const first = await ask();
        const tag = first.header('etag')!;
        expect([tag, countTokens(first.text)]).toEqual([expect.stringMatching(boundTag), 1]);
        const lists =
          accept === '*/*' ? [tag] : [tag, `"other", ${tag}`, `${tag}, W/"v1-is.${'0'.repeat(24)}"`];
        for (const tags of lists)
          for (const method of ['GET', 'HEAD']) {
            const again = await ask({ 'if-none-match': tags }, method);
            expect([again.status, again.header('etag'), again.body.length]).toEqual([304, tag, 0]);
          }
        // Those of earlier versions, of others, and of every kind; and its own, once the tokens have changed.
        for (const tags of [`W/"v1-is.${'0'.repeat(24)}"`, '"v1-is"', '*', tag]) {
          if (tags === tag) now.advance(21_600);
          const whole = await ask({ 'if-none-match': tags });
          expect([whole.status, countTokens(whole.text)]).toEqual([200, 1]);
          expect(whole.header('etag') === tag).toBe(tags !== tag);
        }
      }
    });
  },
);

test('a 304 has the tag of its page, where a compressor makes the tag of the page weak', async () => {
  const app = new Hono().use(honoSigner(base as never), compress({ threshold: 0 }));
  app.get('/', (c) =>
    /"v1"/.test(c.req.header('if-none-match') ?? '')
      ? c.body(null, 304, headers)
      : c.body(page, 200, headers),
  );
  await withSite(getRequestListener(app.fetch), async (port) => {
    const accept = { 'accept-encoding': 'gzip' };
    const tag = (await send(port, '/', { headers: accept })).header('etag')!;
    const again = await send(port, '/', { headers: { ...accept, 'if-none-match': tag } });
    expect([again.status, again.header('etag')]).toEqual([304, tag]);
  });
});
