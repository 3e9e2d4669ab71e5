/** HEAD over fetch: a runtime such as Bun or Deno gives it the length of the body that is there, where it knows it. */
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { base, url } from '../support/samples.ts';

test('to HEAD goes no body of which the runtime could tell a length that is not the page’s', async () => {
  const given = new Response(`<img src="${url()}">`, { headers: { 'content-type': 'text/html' } });
  const { body } = given;
  const request = new Request('https://shop.example/', { method: 'HEAD' });
  const response = await imageSigner(base as never)(request, () => given);
  expect(response.headers.get('content-length')).toBeNull();
  expect(response.body).not.toBeNull(); // no body is one of length 0
  expect(response.body).not.toBe(body);
  await response.body!.cancel();
});
