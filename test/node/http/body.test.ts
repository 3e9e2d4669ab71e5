import type { RequestListener, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../../src/index.ts';
import { base, countTokens, instant, url } from '../../support/samples.ts';
import { exchange, type Message } from '../../support/servers/in-memory.ts';

function answer(handle: (response: ServerResponse) => void, report: unknown = false): Message {
  const sign = imageSigner({ ...base, report } as never);
  const listener: RequestListener = (request, response) => sign(request, response, () => handle(response));
  return exchange(listener, {}, () => instant);
}

test('what the app has encoded in an unknown way passes, also where a later middleware may encode', () => {
  const events: ImageSignerEvent[] = [];
  const encoded = `bytes <img src="${url()}">`;
  const { headers, body } = answer(
    (response) => {
      const { write } = response;
      response.write = ((...args: Parameters<typeof write>) => write.apply(response, args)) as typeof write;
      response.setHeader('Content-Encoding', 'compress').setHeader('ETag', '"v1"');
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(encoded);
    },
    (event: ImageSignerEvent) => void events.push(event),
  );
  expect([headers['etag'], body]).toEqual(['"v1"', encoded]);
  expect(events).toMatchObject([{ type: 'passed', reason: 'encoding' }]);
});

test.each<[how: string, ...none: readonly unknown[]]>([
  ['nothing'],
  ['a callback alone', () => {}],
  ['null', null],
  ['an empty text', ''],
])('a page that `end` ends with %s goes out with what was held back', (_how, ...none) => {
  const { body } = answer((response) => {
    response.setHeader('Content-Type', 'text/html');
    response.write(`<img src="${url()}"><p`);
    (response.end as (...args: readonly unknown[]) => void)(...none);
  });
  expect([countTokens(body), body.endsWith('<p')]).toEqual([1, true]);
});
