import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { exchange } from '../support/in-memory.ts';
import { base, countTokens, instant, url } from '../support/samples.ts';

test.each<[as: string, link: string | string[]]>([
  ['one text', `<${url()}>; rel=preload; as=image`],
  ['a list', [`<${url()}>; rel=preload; as=image`, '</app.css>; rel=preload; as=style']],
])('`Link` that the app sets as %s is the same kind of value to other middleware, signed', (_as, link) => {
  const sign = imageSigner({ ...base, report: false });
  let seen: unknown;
  const listener: RequestListener = (request, response) => {
    const { writeHead } = response;
    response.writeHead = function (this: typeof response, ...args: Parameters<typeof writeHead>) {
      seen = this.getHeader('link');
      return writeHead.apply(this, args);
    } as typeof writeHead;
    sign(request, response, () => {
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Link', link);
      response.end('<p>text</p>');
    });
  };
  const { headers } = exchange(listener, {}, () => instant);
  expect(countTokens(headers['link']!)).toBe(1);
  expect(Array.isArray(seen)).toBe(Array.isArray(link));
  expect(countTokens(String(seen))).toBe(1);
});
