/** `Link` and early hints on the wire: signed where that is sure, else sent, or refused by Node, as without us. */
import { describe, expect, test } from 'vitest';
import { requestsFor } from '../support/http/pipelined.ts';
import { exchange, send } from '../support/http/raw.ts';
import { ask, ours } from '../support/http/wire.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { type Framework, frameworks, withSite } from '../support/servers/frameworks.ts';

const page = `<img src="${url()}">`;
const html = { 'Content-Type': 'text/html' };

/** The same without us, and with us. */
async function both<T>(
  run: (mounts: Parameters<Framework['build']>[0]) => Promise<T>,
): Promise<[plain: T, mine: T]> {
  return [await run([]), await run([ours()])];
}

describe.each(frameworks)('$name', (framework) => {
  test.each<[title: string, link: string | string[], tokens: number]>([
    ['a link of ours', `<${url()}>; rel=preload; as=image`, 1],
    ['a list', [`<${url()}>; rel=preload; as=image`, '</a.css>; rel=preload; as=style'], 1],
    ['two links in one string', `<${url()}>; rel=preload, <${url('card')}>; rel=preload`, 1],
    [
      'imagesrcset with spaces',
      `<${url()}>; rel=preload; as=image; imagesrcset="${url()} 1x, ${url('card')} 2x"`,
      1,
    ],
    ['a line break', `<${url()}>; rel=preload\r\nX: y`, 1],
    ['characters beyond Latin-1', `<${url('thumb', '画像')}>; rel=preload; as=image`, 0],
  ])('early hints with %s: sent, or refused, as without us', async (_title, link, tokens) => {
    const [plain, mine] = await both(async (mounts) => {
      let code: unknown;
      const listener = framework.build(mounts, (_, response) => {
        try {
          response.writeEarlyHints({ link });
        } catch (error) {
          code = (error as { code?: string }).code;
        }
        response.end();
      });
      const raw = await withSite(listener, (port) => exchange(port, requestsFor([['GET', '/']])));
      const text = raw.toString('latin1');
      return { code, hint: text.startsWith('HTTP/1.1 103') && text.split('\r\n\r\n')[0]! };
    });
    expect(mine.code).toBe(plain.code);
    expect(mine.hint && withoutTokens(mine.hint)).toBe(plain.hint);
    if (mine.hint !== false) expect(countTokens(mine.hint)).toBe(tokens);
  });

  test.each<[title: string, link: string, tokens: number]>([
    ['Latin-1 beside the URL', `<${url()}>; rel=preload; title="é"`, 1],
    ['Latin-1 in the URL: whose bytes nobody knows, so it stays', `<${url('thumb', 'é')}>; rel=preload`, 0],
    ['a tab', `<${url()}>;\trel=preload`, 1],
    ['a comma in the URL', `<${url('thumb', 'a,b')}>; rel=preload, <https://example.com/a,b>; rel=next`, 1],
    ['a quote in the URL', `<${url('thumb', 'a"b')}>; rel=preload`, 1],
  ])(
    'a Link with %s goes out; where it is signed it names the URL of the page',
    async (_title, link, tokens) => {
      const named = /<([^>]*)>/.exec(link)![1]!;
      const { header, text } = await ask(framework, (_, response) =>
        response.writeHead(200, { ...html, Link: link }).end(`<img src='${named}'>`, 'latin1'),
      );
      expect(countTokens(header('link')!)).toBe(tokens);
      expect(withoutTokens(header('link')!)).toBe(link.replace('a"b', 'a%22b'));
      if (tokens > 0) expect(text).toContain(/<([^>]*)>/.exec(header('link')!)![1]!.replace('&', '&amp;'));
    },
  );

  test.each(['a\r\nX: y', 'a\nb', '画像', 'a\0b'])(
    'a Link that Node refuses is refused: %j',
    async (link) => {
      const outcomes = await both(async (mounts) => {
        const seen: unknown[] = [];
        const listener = framework.build(mounts, (_, response) => {
          for (const set of [
            () => response.setHeader('Link', link),
            () => response.writeHead(200, { ...html, Link: `<${url()}>, <${link}>` }),
          ]) {
            try {
              set();
            } catch (error) {
              seen.push((error as { code?: string }).code);
            }
          }
          response.end(page);
        });
        const { status, text } = await withSite(listener, (port) => send(port, '/'));
        return { seen, status, text: withoutTokens(text) };
      });
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(outcomes[1].seen.length).toBe(2);
    },
  );
});
