/** `hono/cache`, before and after ours, with the cache of a Worker in the real runtime of Cloudflare. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countTokens, instant } from '../../support/samples.ts';
import { startModule } from '../../support/servers/workerd.ts';

let served: Awaited<ReturnType<typeof startModule>>;
beforeAll(async () => {
  served = await startModule(new URL('./hono-worker.ts', import.meta.url).pathname);
});
afterAll(() => served.close());

interface Page {
  readonly text: string;
  readonly cacheControl: string | null;
}

async function get(path: string): Promise<Page> {
  const response = await fetch(`http://127.0.0.1:${served.port}${path}`);
  return { text: await response.text(), cacheControl: response.headers.get('cache-control') };
}

const numberIn = ({ text }: Page): string => /<p>(\d+)/.exec(text)![1]!;

test('a cache before the signer keeps a signed page, for no longer than its images are valid', async () => {
  const [first, second] = [await get('/cached-signed/lasting'), await get('/cached-signed/lasting')];
  expect([countTokens(first.text), second.text]).toEqual([1, first.text]);
  for (const { cacheControl } of [first, second]) expect(cacheControl).toContain('max-age=43200');
  const [plain, again] = [await get('/cached-signed/plain'), await get('/cached-signed/plain')];
  expect(numberIn(again)).not.toBe(numberIn(plain));
});

test('what a cache after the signer keeps is signed anew for each visitor', async () => {
  const first = await get('/signed-cached/lasting');
  await get(`/clock?${instant + 21_600_000}`);
  const second = await get('/signed-cached/lasting');
  await get(`/clock?${instant}`);
  expect(numberIn(second)).toBe(numberIn(first));
  expect([countTokens(first.text), countTokens(second.text)]).toEqual([1, 1]);
  expect(second.text).not.toBe(first.text);
});
