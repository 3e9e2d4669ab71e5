/** What counts is the type that leaves; the bytes and the label of their character set stay. */
import { describe, expect, test } from 'vitest';
import { send } from '../support/http/raw.ts';
import { ask, ours } from '../support/http/wire.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { expresses } from '../support/servers/express-site.ts';
import { frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

const page = `<!DOCTYPE html><img src="${url()}"><p style="background:url(${url('card')})">é</p>`;

describe.each(frameworks)('$name', (framework) => {
  test.each<[title: string, type: string | undefined, encoding: BufferEncoding, tokens: number]>([
    ['no type', undefined, 'utf8', 0],
    ['plain text', 'text/plain', 'utf8', 0],
    ['ISO 8859-1', 'text/html; charset=iso-8859-1', 'latin1', 2],
    ['a label that the bytes do not keep to', 'text/html; charset=iso-8859-1', 'utf8', 2],
    ['another case', 'Text/HTML;Charset="UTF-8"', 'utf8', 2],
  ])(
    'what counts is the type at the end; bytes and label stay: %s',
    async (_title, type, encoding, tokens) => {
      const handler: Handler = (_, response) => {
        response.setHeader('Content-Type', type === undefined ? 'text/html' : 'text/plain');
        response.removeHeader('Content-Type');
        if (type !== undefined) response.setHeader('Content-Type', type);
        response.end(Buffer.from(page, encoding));
      };
      const { body, header } = await ask(framework, handler);
      expect(countTokens(body.toString('latin1'))).toBe(tokens);
      expect(withoutTokens(body.toString('latin1'))).toBe(Buffer.from(page, encoding).toString('latin1'));
      expect(header('content-type')).toBe(type);
      expect(header('cache-control')).toBe(tokens > 0 ? 'no-cache' : undefined);
    },
  );
});

describe.each(expresses)('%s', (_name, create) => {
  test.each<[title: string, type: string | undefined, body: string | Buffer, tokens: number]>([
    ['a string is HTML', undefined, page, 2],
    ['bytes are not', undefined, Buffer.from(page), 0],
    ['bytes that are said to be', 'html', Buffer.from(page, 'latin1'), 2],
    ['a label of Latin-1 on bytes', 'text/html; charset=iso-8859-1', Buffer.from(page, 'latin1'), 2],
    ['a label of Latin-1 on a string, which is sent as UTF-8', 'text/html; charset=iso-8859-1', page, 2],
    ['a string that is XHTML', 'application/xhtml+xml', page, 0],
  ])('res.send: %s; type and bytes are as without us', async (_title, type, body, tokens) => {
    const [plain, mine] = await Promise.all(
      [[], [ours()]].map((mounts) => {
        const app = create();
        for (const each of mounts) app.use(each);
        app.use((_, response) => {
          if (type !== undefined) response.type(type);
          response.send(body);
        });
        return withSite(app, (port) => send(port, '/'));
      }),
    );
    expect(mine!.header('content-type')).toBe(plain!.header('content-type'));
    expect(countTokens(mine!.body.toString('latin1'))).toBe(tokens);
    expect(withoutTokens(mine!.body.toString('latin1'))).toBe(plain!.body.toString('latin1'));
  });
});
