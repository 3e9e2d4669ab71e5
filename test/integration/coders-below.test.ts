/**
 * Coders that are mounted after us, and keep what they have encoded under the tag, as `shrink-ray-current` does: they
 * send that in the place of what they are given, and nobody looks at it again.
 */
import { gzipSync } from 'node:zlib';
import type { RequestHandler, Response } from 'express';
import onHeaders from 'on-headers';
import { describe, expect, test } from 'vitest';
import { type RawResponse, send } from '../support/http/raw.ts';
import { ours } from '../support/http/wire.ts';
import { clockAt, countTokens } from '../support/samples.ts';
import { decoded, expresses, page, tokensOfPage } from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';

function keepingCoder(): RequestHandler {
  const kept = new Map<string, Buffer>();
  return (_request, response, next) => {
    const { write, end } = response;
    const parts: Buffer[] = [];
    let tag: string | undefined;
    const take = (chunk: unknown): void => {
      if (!response.headersSent) response.writeHead(response.statusCode);
      if (chunk !== undefined) parts.push(Buffer.from(chunk as string));
    };
    onHeaders(response, () => {
      tag = response.getHeader('ETag') as string | undefined;
      response.setHeader('Content-Encoding', 'gzip');
      response.removeHeader('Content-Length');
    });
    const methods = response as unknown as Record<string, (...args: unknown[]) => unknown>;
    methods['flush'] = () => undefined;
    methods['write'] = (chunk) => {
      take(chunk);
      return true;
    };
    methods['end'] = (chunk) => {
      take(chunk);
      const encoded = (tag === undefined ? undefined : kept.get(tag)) ?? gzipSync(Buffer.concat(parts));
      if (tag !== undefined) kept.set(tag, encoded);
      write.call(response, encoded, 'utf8', () => undefined);
      return end.call(response, undefined, 'utf8');
    };
    next();
  };
}

const routes: readonly [title: string, route: (response: Response) => unknown][] = [
  ['res.send', (response) => response.send(page)],
  ['end', (response) => response.type('html').set('ETag', '"page"').end(page)],
  [
    'writes',
    (response) => {
      response.type('html').set('ETag', '"page"');
      for (const part of page.match(/.{1,300}/gs)!) response.write(part);
      response.end();
    },
  ],
  ['writeHead, end', (response) => response.type('html').writeHead(200, { ETag: '"page"' }).end(page)],
];

describe.each(expresses)('%s', (_name, create) => {
  const site = (mounts: RequestHandler[], route: (response: Response) => unknown) => {
    const app = create();
    for (const each of mounts) app.use(each);
    return app.use((_request, response) => void route(response));
  };
  const textOf = (response: RawResponse): string => decoded(response).toString();

  describe.each(routes)('%s', (_title, route) => {
    test.each<[title: string, order: readonly string[]]>([
      ['after us', ['ours', 'coder']],
      ['before us', ['coder', 'ours']],
      ['between two of us', ['ours', 'coder', 'ours']],
    ])(
      'a coder %s gives no viewer what it has kept for another, and nobody dead tokens',
      async (_order, order) => {
        const clock = clockAt();
        const mountsOf = (options: object): RequestHandler[] =>
          order.map((each) => (each === 'ours' ? ours({ now: clock, ...options }) : keepingCoder()));
        await withSite(site(mountsOf({}), route), async (port) => {
          const first = await send(port, '/');
          expect(countTokens(textOf(first))).toBe(tokensOfPage);
          const second = await send(port, '/');
          expect([textOf(second), second.header('etag')]).toEqual([textOf(first), first.header('etag')]);
          clock.advance(3 * 86_400);
          const later = await send(port, '/');
          expect(countTokens(textOf(later))).toBe(tokensOfPage);
          expect(textOf(later)).not.toBe(textOf(first));
          expect(later.header('etag')).not.toBe(first.header('etag'));
        });
        const authorize = (_image: unknown, request: { headers: Record<string, unknown> }): boolean =>
          request.headers['x-viewer'] === 'member';
        await withSite(site(mountsOf({ authorize }), route), async (port) => {
          const member = await send(port, '/', { headers: { 'x-viewer': 'member' } });
          expect(countTokens(textOf(member))).toBe(tokensOfPage);
          expect(countTokens(textOf(await send(port, '/')))).toBe(0);
        });
      },
    );
  });
});
