/** A refusal is plain text, whatever an earlier middleware has said of the body that it expected. */
import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { imageGuard, signingEndpoint } from '../../../src/index.ts';
import { signingEndpoint as koaEndpoint, imageGuard as koaGuard } from '../../../src/koa.ts';
import { base, url } from '../../support/samples.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';
import { koaOf, koas } from '../../support/servers/koa-site.ts';

const options = { ...base, authorize: () => false };
const target = url().replace('https://imagedelivery.net', '');

const stale: Readonly<Record<string, string>> = {
  'Content-Encoding': 'gzip',
  ETag: '"of-another-body"',
  'Last-Modified': 'Mon, 21 Sep 2026 14:13:20 GMT',
  'CDN-Cache-Control': 'max-age=3600',
};

const listeners: readonly (readonly [name: string, target: string, listener: RequestListener])[] = [
  [
    'the guard of node:http',
    target,
    (request, response) => {
      for (const [name, value] of Object.entries(stale)) response.setHeader(name, value);
      imageGuard(base)(request, response, () => response.end('let through'));
    },
  ],
  [
    'the endpoint of node:http',
    `/sign/${url()}`,
    (request, response) => {
      for (const [name, value] of Object.entries(stale)) response.setHeader(name, value);
      signingEndpoint({ ...options, path: '/sign' })(request, response);
    },
  ],
  ...koas.flatMap(([name, Application]) =>
    [
      [`the guard of ${name}`, target, koaGuard(base as never)] as const,
      [`the endpoint of ${name}`, `/sign/${url()}`, koaEndpoint({ ...options, path: '/sign' })] as const,
    ].map(([title, path, middleware]) => {
      const before = async (context: { set(fields: object): void }, next: () => Promise<void>) => {
        context.set(stale);
        await next();
      };
      return [title, path, koaOf(Application, [before as never, middleware as never]).callback()] as const;
    }),
  ),
];

describe.each(listeners)('%s', (_name, path, listener) => {
  test('says 403 in words, with nothing left of the body that was expected', async () => {
    const { status, header, text } = await exchangeLater(listener, path);
    expect(status).toBe(403);
    expect(text).toMatch(/^[A-Z][\w ,.]+\n$/);
    for (const name of Object.keys(stale))
      expect([name, header(name.toLowerCase())]).toEqual([name, undefined]);
    expect(header('content-length')).toBe(String(text.length));
    expect(header('cache-control')).toBe('no-store');
  });
});
