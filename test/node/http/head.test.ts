import type { OutgoingHttpHeaders, RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { imageSigner } from '../../../src/index.ts';
import { exchange } from '../../support/in-memory.ts';
import { base, instant } from '../../support/samples.ts';

test.each<[what: string, status: number, headers: OutgoingHttpHeaders | string[]]>([
  ['a 304', 304, { etag: '"v1"' }],
  ['a 304, as a list', 304, ['etag', '"v1"']],
  ['a redirect to a page', 302, { location: '/login' }],
])('%s in which nothing has to change reaches Node as the app gave it', (_what, status, headers) => {
  const sign = imageSigner({ ...base, authorize: () => true, report: false });
  let given: unknown;
  const listener: RequestListener = (request, response) => {
    const { writeHead } = response;
    response.writeHead = function (this: typeof response, ...args: Parameters<typeof writeHead>) {
      given = args[1];
      return writeHead.apply(this, args);
    } as typeof writeHead;
    sign(request, response, () => {
      response.writeHead(status, headers as OutgoingHttpHeaders);
      response.end();
    });
  };
  exchange(listener, {}, () => instant);
  expect(given).toBe(headers);
});
