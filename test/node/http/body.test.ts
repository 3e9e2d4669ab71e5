import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { exchange } from '../../support/in-memory.ts';
import { base, instant, url } from '../../support/samples.ts';

test('what the app has encoded in an unknown way passes, also where a later middleware may encode', () => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const sign = imageSigner({ ...base, report } as ImageSignerOptions);
  const encoded = `bytes <img src="${url()}">`;
  const listener: RequestListener = (request, response) =>
    sign(request, response, () => {
      const { write } = response;
      response.write = ((...args: Parameters<typeof write>) => write.apply(response, args)) as typeof write;
      response.setHeader('Content-Encoding', 'compress');
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('ETag', '"v1"');
      response.writeHead(200);
      response.end(encoded);
    });
  const { headers, body } = exchange(listener, {}, () => instant);
  expect([headers['etag'], body]).toEqual(['"v1"', encoded]);
  expect(events).toMatchObject([{ type: 'passed', reason: 'encoding' }]);
});
