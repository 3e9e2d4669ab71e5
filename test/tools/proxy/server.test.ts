/** What a visitor gets of a site behind the proxy: pages with their images signed, and all else as it is. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ProxiedSite, startProxied, startProxiedRaw } from '../../support/proxied-site.ts';
import { send } from '../../support/raw.ts';
import { countTokens, signerWith, url, withoutTokens } from '../../support/samples.ts';

let site: ProxiedSite | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

const page = `<img src="${url()}"><p>é</p>`;

describe('a page', () => {
  test.each([
    ['with a length', { 'Content-Length': String(Buffer.byteLength(page)) }],
    ['in chunks', {}],
  ])('has its images signed: %s', async (_title, headers) => {
    site = await startProxied((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...headers });
      response.end(page);
    });
    const { status, text, isComplete, header } = await send(site.port, '/');
    expect({ status, isComplete }).toEqual({ status: 200, isComplete: true });
    expect(withoutTokens(text)).toBe(page);
    expect(text).toContain(signerWith().signImage(url()).replace('&', '&amp;'));
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  test('is streamed', async () => {
    let finish = (): void => {};
    site = await startProxied((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.write(page);
      finish = () => response.end(page);
    });
    const answer = await fetch(`http://127.0.0.1:${site.port}/`);
    const reader = answer.body!.getReader();
    const first = Buffer.from((await reader.read()).value!).toString();
    expect(countTokens(first)).toBe(1);
    finish();
    expect(countTokens(Buffer.from((await reader.read()).value!).toString())).toBe(1);
  });
});

describe('a page whose length is known', () => {
  const headers = { 'Content-Type': 'text/html', 'Content-Length': String(2 * Buffer.byteLength(page)) };

  test('is rewritten as a whole, however it comes', async () => {
    site = await startProxied(
      (_, response) => {
        response.writeHead(200, headers).write(page);
        setImmediate(() => response.end(page));
      },
      { limits: { hold: 60_000 } },
    );
    const { text, isComplete, header } = await send(site.port, '/');
    expect(isComplete).toBe(true);
    expect(withoutTokens(text)).toBe(page + page);
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  test('is rewritten as a whole if it is longer than what one read gives', async () => {
    const long = page + ' '.repeat(100_000); // Node.js reads 64 KiB at most
    site = await startProxied(
      (_, response) => {
        response.setHeader('Content-Type', 'text/html').setHeader('Content-Length', Buffer.byteLength(long));
        response.end(long);
      },
      { limits: { hold: 60_000 } },
    );
    const { text, header } = await send(site.port, '/');
    expect(withoutTokens(text)).toBe(long);
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  test('does not wait for a slow rest', async () => {
    let finish = (): void => {};
    site = await startProxied(
      (_, response) => {
        response.writeHead(200, headers).write(page);
        finish = () => response.end(page);
      },
      { limits: { hold: 1 } },
    );
    const answer = await fetch(`http://127.0.0.1:${site.port}/`);
    const reader = answer.body!.getReader();
    expect(countTokens(Buffer.from((await reader.read()).value!).toString())).toBe(1);
    finish();
    expect(countTokens(Buffer.from((await reader.read()).value!).toString())).toBe(1);
  });

  test('is a 502 if a field of it cannot be sent on', async () => {
    site = await startProxiedRaw(
      (socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 O\x01K\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nabc');
          setImmediate(() => socket.write('def'));
        });
      },
      { limits: { hold: 60_000 } },
    );
    expect((await send(site.port, '/')).status).toBe(502);
  });
});

test.each(['text/html', 'image/png'])(
  'a field of %s keeps bytes that are not ASCII, also if the body comes after the head',
  async (type) => {
    let finish = (): void => {};
    site = await startProxiedRaw((socket) => {
      socket.once('data', () =>
        socket.write(
          `HTTP/1.1 302 Found\r\nContent-Type: ${type}\r\nLocation: /caf\xc3\xa9\r\n\r\n`,
          'latin1',
        ),
      );
      finish = () => socket.end();
    });
    const client = connect(site.port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    const [head] = (await once(client, 'data')) as [Buffer];
    expect(head.toString()).toContain('Location: /café\r\n');
    finish();
    client.destroy();
  },
);

test('two proxies with one configuration give one URL', async () => {
  const handler = (_: unknown, response: import('node:http').ServerResponse): void => {
    response.setHeader('Content-Type', 'text/html');
    response.end(page);
  };
  const pages: string[] = [];
  for (const _ of [1, 2]) {
    site = await startProxied(handler);
    pages.push((await send(site.port, '/')).text);
    await site.close();
  }
  expect(countTokens(pages[0]!)).toBe(1);
  expect(pages[0]).toBe(pages[1]);
});
