/** Scripts are never changed: a site whose scripts hold delivery URLs is told so, once. */
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import type { ImageSignerEvent } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { inChunksOf } from '../support/generators/chunks.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';

const told: readonly ImageSignerEvent[] = [{ type: 'passed', reason: 'script-state' }];
const escaped = url().replaceAll('/', '\\u002F');

interface Site {
  readonly events: readonly ImageSignerEvent[];
  /** Answers with a page, streamed in chunks of so many bytes if a size is given. */
  page(html: string, chunkSize?: number): Promise<string>;
}

function siteWith(): Site {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => note(events, event);
  const sign = imageSigner({ ...base, report } as never);
  return {
    events,
    async page(html, chunkSize) {
      const body = chunkSize ? ReadableStream.from(inChunksOf(chunkSize, Buffer.from(html))) : html;
      const headers = { 'content-type': 'text/html; charset=utf-8' };
      const given = new Response(body as string, { headers });
      const text = await (await sign(new Request('https://shop.example/'), () => given)).text();
      expect(withoutTokens(text)).toBe(withoutTokens(html));
      return text;
    },
  };
}

describe('the state of a framework in a script', () => {
  test.each([
    [
      'Next.js',
      `<script>self.__next_f.push([1,"5:[\\"$\\",\\"img\\",{\\"src\\":\\"${url()}\\"}]"])</script>`,
    ],
    ['Nuxt', `<script>window.__NUXT__={data:[{src:"${escaped}"}]}</script>`],
    [
      'React Router',
      `<script>window.__reactRouterContext.streamController.enqueue("[\\"${url()}\\"]\\n");</script>`,
    ],
    ['SvelteKit', `<script>{ kit.start(app, element, { data: [{src:"${url()}"}] }) }</script>`],
    ['a module', `<SCRIPT type=module>const image = '${url()}'</SCRIPT>`],
    ['a type that is not known', `<script type="text/x-mine">{"a":"${url()}"}</script>`],
  ])('%s is reported, and stays as it is', async (_title, script) => {
    const { page, events } = siteWith();
    const html = `<p>text</p>${script}<img src="${url()}">`;
    expect(countTokens(await page(html))).toBe(1);
    expect(events).toEqual(told);
  });

  const state = `<script>state = "${url()}"</script>`;

  test('is reported once for each middleware, and not once for each page or script', async () => {
    const { page, events } = siteWith();
    for (let count = 0; count < 4; count++) await page(`${state}${state}<p>${count}</p>`);
    await page(`${state}<p>streamed</p>`, 7);
    expect(events).toEqual(told);
  });

  test.each([undefined, 1, 7, 40, 64, 1000])(
    'is not reported if its URLs have tokens, as signImage gives them (chunks of %s bytes)',
    async (chunkSize) => {
      const { page, events } = siteWith();
      const signed = `${url()}?v=3&exp=1893456000&sig=${'0'.repeat(64)}`;
      const texts = [`"${signed}"`, `'${signed}'`, JSON.stringify(JSON.stringify(signed))];
      await page(
        `<script>images = [${texts.join()}, "${signed.replace(/&/g, '\\u0026')}"]</script>`,
        chunkSize,
      );
      expect(events).toEqual([]);
    },
  );

  test('is reported behind URLs with tokens', async () => {
    const { page, events } = siteWith();
    await page(`<script>images = ["${url()}?exp=1&sig=0", "${url()}"]</script>`);
    await page(`<script>images = ["${url()}?exp=1&sig=0", ${url()}</script>`, 50);
    expect(events).toEqual(told);
  });

  test.each([40, 64, 1000])('is reported where the page streams in chunks of %d bytes', async (chunkSize) => {
    const { page, events } = siteWith();
    await page(`<script>${'a = 1;'.repeat(20)}</script><script>image = "${url()}"</script>`, chunkSize);
    expect(events).toEqual(told);
  });

  test.each([
    ['that holds no URL', '<script>window.__NUXT__={}</script>'],
    ['of JSON', `<script type="application/json">{"a":"${url()}"}</script>`],
    ['of a template', `<script type="text/x-template"><img src="${url()}"></script>`],
    ['of another file', `<script src="${url()}"></script>`],
    ['in a comment', `<!--${state}-->`],
    ['in a textarea', `<textarea>${state}</textarea>`],
  ])('a script %s is not reported', async (_title, html) => {
    const { page, events } = siteWith();
    await page(`${html}<img src="${url()}">`);
    await page(`${html}<img src="${url()}">`, 9);
    expect(events).toEqual([]);
  });
});
