/** What the helpers of one response have given out. */
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { bunny } from '../../src/schemes.ts';
import { base, countTokens, url } from '../support/samples.ts';

test('a page keeps the last 20,000 URLs of its helpers, so that a stream without an end keeps no more', async () => {
  const sign = imageSigner({ ...base, authorize: () => false });
  const response = await sign(new Request('https://shop.example/'), (_request, { signImage }) => {
    const urls = Array.from({ length: 20_001 }, (_, at) =>
      signImage(url('thumb', `photo-${at}`), undefined, { authorize: false }),
    );
    const page = `<img src="${urls[0]}"><img src="${urls[1]}"><img src="${urls.at(-1)}">`;
    return new Response(page, { headers: { 'content-type': 'text/html' } });
  });
  expect((await response.text()).split('<img').map(countTokens)).toEqual([0, 0, 1, 1]);
});

test('a page keeps a link that signData has signed, also where a path of `from` may be a page of the site', async () => {
  const scheme = bunny({
    url: 'https://shop.b-cdn.net',
    from: '/media',
    key: 'a-key-of-36-letters-for-these-tests-',
  });
  const sign = imageSigner({ scheme, ttl: '1h', authorize: () => false });
  const response = await sign(new Request('https://shop.example/'), (_request, { signData }) => {
    const post = { body: '<a href="https://shop.b-cdn.net/uploads/a.jpg">A picture</a>' };
    const { body } = signData(post, { fields: { body: 'html' }, authorize: false });
    return new Response(body, { headers: { 'content-type': 'text/html' } });
  });
  expect(await response.text()).toMatch(/\?token=HS256-[\w-]{43}&amp;expires=\d{10}"/);
});
