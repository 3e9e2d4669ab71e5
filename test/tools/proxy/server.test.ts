/** What a visitor gets of a site behind the proxy: pages with their images signed, and all else as it is. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { moment } from '../../support/moment.ts';
import { countTokens, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { startProxied, startProxiedRaw } from '../../support/servers/proxied-site.ts';

const page = `<img src="${url()}"><p>é</p>`;

describe('a page', () => {
  const long = page + ' '.repeat(100_000); // Node.js reads 64 KiB at most

  test.each<[title: string, parts: string[]]>([
    ['in two parts', [page, page]],
    ['longer than what one read gives', [long]],
  ])('with a length is signed as a whole, and has a length: %s', async (_title, parts) => {
    const whole = parts.join('');
    const site = await startProxied(
      (_, response) => {
        const length = Buffer.byteLength(whole);
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': length });
        if (parts.length > 1) response.write(parts[0]);
        setImmediate(() => response.end(parts.at(-1)));
      },
      { limits: { hold: 60_000 } },
    );
    const { status, text, isComplete, header } = await site.ask('/');
    expect({ status, isComplete }).toEqual({ status: 200, isComplete: true });
    expect(withoutTokens(text)).toBe(whole);
    expect(text).toContain(signerWith().signImage(url()).replace('&', '&amp;'));
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  test.each([
    ['is streamed', {}],
    [
      'whose length is known does not wait for a slow rest',
      { 'Content-Length': 2 * Buffer.byteLength(page) },
    ],
  ])('%s', async (_title, length) => {
    const rest = moment();
    const site = await startProxied(
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html', ...length }).write(page);
        void rest.comes.then(() => response.end(page));
      },
      { limits: { hold: 1 } },
    );
    const reader = (await fetch(`http://127.0.0.1:${site.port}/`)).body!.getReader();
    const readTokens = async (): Promise<number> =>
      countTokens(Buffer.from((await reader.read()).value!).toString());
    expect(await readTokens()).toBe(1);
    rest.come();
    expect(await readTokens()).toBe(1);
  });

  test('is sent at once, with a length, if it came as a whole in chunks', async () => {
    const site = await startProxied(
      (_, response) => void response.setHeader('Content-Type', 'text/html').end(page),
    );
    const { text, header } = await site.ask('/');
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  test('is a 502 if a field of it cannot be sent on', async () => {
    const site = await startProxiedRaw(
      (socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 O\x01K\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nabc');
          setImmediate(() => socket.write('def'));
        });
      },
      { limits: { hold: 60_000 } },
    );
    expect((await site.ask('/')).status).toBe(502);
  });
});

test.each(['text/html', 'image/png'])(
  'a field of %s keeps bytes that are not ASCII, also if the body comes after the head',
  async (type) => {
    const head = `HTTP/1.1 302 Found\r\nContent-Type: ${type}\r\nLocation: /caf\xc3\xa9\r\n\r\n`;
    const site = await startProxiedRaw((socket) => socket.once('data', () => socket.write(head, 'latin1')));
    const client = site.open();
    const [sent] = (await once(client, 'data')) as [Buffer];
    expect(sent.toString()).toContain('Location: /café\r\n');
    client.destroy();
  },
);
