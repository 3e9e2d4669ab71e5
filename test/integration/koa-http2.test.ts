/** Koa over HTTP/2, which it takes as it is: the same pages. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type ClientHttp2Session, connect, createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import etag from '@koa/etag';
import type Koa from 'koa';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import { afterAll, describe, expect, test } from 'vitest';
import { koaOf, koas, oursOf } from '../support/koa-site.ts';
import { html, page, stream } from '../support/koa-ways.ts';
import { countTokens, withoutTokens } from '../support/samples.ts';

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number };
  readonly body: Buffer;
}

async function get(session: ClientHttp2Session, headers: Record<string, string> = {}): Promise<Answer> {
  const request = session.request({ ':path': '/', ...headers });
  const [answered] = (await once(request, 'response')) as [Answer['headers']];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { headers: answered, body: Buffer.concat(chunks) };
}

async function withSession(app: Koa, run: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  // The compatible interface has the methods of `node:http`, which the types do not say.
  const server = createServer(app.callback() as RequestListener as never);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    await run(session);
  } finally {
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

const warnings: string[] = [];
const noteWarning = ({ name }: Error): void => void warnings.push(name);
process.on('warning', noteWarning);
afterAll(() => {
  process.off('warning', noteWarning);
  // It has no reason phrase, and Node.js warns of whoever asks for one.
  expect(warnings).not.toContain('UnsupportedWarning');
});

describe.each(koas)('%s', (name, Application) => {
  test.each<[string, () => unknown]>([
    ['text', () => page],
    ['bytes', () => Buffer.from(page)],
    ['a stream', stream],
  ])('%s is signed, and HEAD has the headers of GET', async (_kind, body) => {
    const heard: string[] = [];
    const app = koaOf(Application, [oursOf(), (ctx) => html(ctx, body())], heard);
    await withSession(app, async (session) => {
      const { headers, body: bytes } = await get(session);
      expect([headers[':status'], headers['cache-control']]).toEqual([200, 'no-cache']);
      expect([undefined, String(bytes.length)]).toContain(headers['content-length']);
      const text = bytes.toString();
      expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
      if (name === 'Koa 2') return; // which never answers a HEAD over HTTP/2
      const head = await get(session, { ':method': 'HEAD' });
      const names = (each: Answer): string[] => Object.keys(each.headers).sort();
      expect([names(head), head.body.length]).toEqual([names({ headers, body: bytes }), 0]);
    });
    expect(heard).toEqual([]);
  });

  test.each([true, false])('neighbours do their work, mounted before: %s', async (isBefore) => {
    const neighbours = [conditional(), etag(), compress({ threshold: 0 })];
    const mounts = isBefore ? [...neighbours, oursOf()] : [oursOf(), ...neighbours];
    const app = koaOf(Application, [...mounts, (ctx) => html(ctx, page)]);
    await withSession(app, async (session) => {
      const { headers, body } = await get(session, { 'accept-encoding': 'gzip' });
      expect(headers['content-encoding']).toBe('gzip');
      const text = gunzipSync(body).toString();
      expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
      const { etag: tag } = (await get(session)).headers;
      const again = await get(session, { 'if-none-match': tag! });
      expect([again.headers[':status'], again.headers.etag, again.body.length]).toEqual([304, tag, 0]);
    });
  });
});
