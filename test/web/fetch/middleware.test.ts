import { expect, test } from 'vitest';
import { imageSigner } from '../../../src/fetch.ts';
import type { ImageSignerEvent } from '../../../src/index.ts';
import { base, countTokens, url } from '../../support/samples.ts';

test('two middlewares with different options are reported once, and two with the same options are not', async () => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const options = { ...base, report };
  const visit = async (inner: object): Promise<void> => {
    const [outside, inside] = [imageSigner(options as never), imageSigner(inner as never)];
    for (let visit = 0; visit < 3; visit++)
      await outside(new Request('https://site.example/'), (request) =>
        inside(request, () => new Response('<p>text</p>', { headers: { 'Content-Type': 'text/html' } })),
      );
  };
  const typesOf = (): string[] => events.splice(0).map(({ type }) => type);
  await visit({ ...options, ttl: '2d' });
  expect(typesOf().filter((type) => type === 'installed-twice')).toHaveLength(1);
  await visit(options);
  expect(typesOf()).not.toContain('installed-twice');
});

test.each([
  ['public, max-age=60', ['late-authorize']],
  ['private, max-age=60', []],
])('a helper that asks after `Cache-Control: %s` is told if others get it', async (control, told) => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const sign = imageSigner({ ...base, report, authorize: () => true } as never);
  let late: (() => string) | undefined;
  await sign(new Request('https://site.example/'), (_request, { signImage }) => {
    late = () => signImage(url());
    return new Response('[]', {
      headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': control },
    });
  });
  expect(countTokens(late!())).toBe(1);
  expect(events.flatMap((event) => (event.type === 'passed' ? event.reason : []))).toEqual(told);
});
