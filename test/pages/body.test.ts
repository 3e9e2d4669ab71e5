import type { RequestListener, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { base, countTokens, instant, url } from '../support/samples.ts';
import { exchange, type Message } from '../support/servers/in-memory.ts';

/** @param before - what a middleware before ours does with the response */
function answer(
  handle: (response: ServerResponse) => void,
  before = (_response: ServerResponse) => {},
): Message {
  const sign = imageSigner({ ...base, report: false });
  const listener: RequestListener = (request, response) => {
    before(response);
    sign(request, response, () => handle(response));
  };
  return exchange(listener, {}, () => instant);
}

const images = Array.from({ length: 6 }, (_, index) => `<img src="${url('card', `${index}`)}">`).join('');
const late = `${images.padEnd(900)}<meta charset=macintosh><p>\x8e`;

test.each<[what: string, page: string, given: string, out: string]>([
  ['is pushed out of the first 1,024 bytes', `<!DOCTYPE html><body>${late}`, '', '; charset=macintosh'],
  ['Content-Type names itself', late, '; charset=utf-8', '; charset=utf-8'],
  ['the page still declares in time', `<meta charset=macintosh>${late}`, '', ''],
  ['nobody declares', images, '', ''],
])('of an encoding that %s, Content-Type says what a browser needs', (_what, page, given, out) => {
  const { headers, body } = answer((response) => {
    response.setHeader('Content-Type', `text/html${given}`);
    response.write(page, 'latin1');
    response.end();
  });
  expect([headers['content-type'], countTokens(body)]).toEqual([`text/html${out}`, 6]);
});

test.each<[as: string, link: string | string[]]>([
  ['one text', `<${url()}>; rel=preload; as=image`],
  ['a list', [`<${url()}>; rel=preload; as=image`, '</app.css>; rel=preload; as=style']],
])('`Link` that the app sets as %s is the same kind of value to other middleware, signed', (_as, link) => {
  let seen: unknown;
  const { headers } = answer(
    (response) => response.setHeader('Content-Type', 'text/html').setHeader('Link', link).end('<p>text</p>'),
    (response) => {
      const { writeHead } = response;
      response.writeHead = function (this: ServerResponse, ...args: Parameters<typeof writeHead>) {
        seen = this.getHeader('link');
        return writeHead.apply(this, args);
      } as typeof writeHead;
    },
  );
  expect(countTokens(headers['link']!)).toBe(1);
  expect(Array.isArray(seen)).toBe(Array.isArray(link));
  expect(countTokens(String(seen))).toBe(1);
});
