/**
 * What `image-signer check` connects to, follows, sends and waits for.
 * Longer than most files: each thing that a server can do wrong has its test here.
 */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fetchPage, type PageRequest } from '../../../src/tools/cli/page-client.ts';
import { isPrivate } from '../../../src/tools/cli/private-addresses.ts';
import { runCommand } from '../../support/package/command-line.ts';
import { accountHash, url } from '../../support/samples.ts';
import { html, img } from '../../support/servers/checked-apps.ts';
import {
  answering,
  checkFlags,
  checkOnce,
  checkPage,
  openSite,
  startSite,
  withLimits,
} from '../../support/servers/checked-page.ts';

/** Opens a site, and remembers what it was asked. */
async function open(listener: RequestListener): Promise<{ origin: string; port: string; asked: string[] }> {
  const asked: string[] = [];
  const { origin } = await openSite((incoming, response) => {
    const { cookie, 'x-secret': secret } = incoming.headers;
    asked.push(`${incoming.method} ${incoming.url} ${cookie ?? ''} ${secret ?? ''}`.trim());
    listener(incoming, response);
  });
  return { origin, port: new URL(origin).port, asked };
}

const page = html(img(url()));
const redirectTo = (location: string, status = 302): RequestListener =>
  answering({ status, headers: { Location: location } });

/** What is written when the page cannot be checked. */
async function mistakeOf(address: string, args = checkFlags, options = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(['check', ...args, address], options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return stderr;
}

const gzipped = { 'Content-Encoding': 'gzip' };
const flags = ['--variants', 'thumb'];

describe('an address of a private network', () => {
  test.each([
    ...['0.0.0.0', '10.1.2.3', '169.254.169.254', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
    ...['[64:ff9b::7f00:1]', '[fe80::1]', '[fd00::1]'],
  ])('is not asked without --allow-private: %s', async (host) => {
    const { port, asked } = await open(page);
    expect(await mistakeOf(`http://${host}:${port}/`, flags)).toContain('--allow-private');
    expect(asked).toEqual([]);
  });

  test.each(['localhost', '127.0.0.1', '2130706433', '0x7f000001'])(
    'this machine needs no flag by its own name, and may have it: %s',
    async (host) => {
      const { port } = await open(page);
      for (const args of [flags, checkFlags])
        expect((await checkPage(`http://${host}:${port}/`, args)).images).toHaveLength(1);
    },
  );

  test('nor do the images of a page there, and those at a base of the options on another port', async () => {
    const delivery = await open(answering({ status: 200 }));
    const body = ['/i', delivery.origin].map((base) => `<img src="${base}/${accountHash}/a/thumb">`).join('');
    const { origin, asked } = await open(html(body));
    const bases = ['--delivery', '/i', '--delivery', delivery.origin];
    const { images } = await checkPage(`${origin}/`, [...flags, ...bases, '--images']);
    expect(asked).toEqual(['GET /', `HEAD /i/${accountHash}/a/thumb`]);
    expect(images[1]?.message).toContain('The delivery answers 200.');
  });

  test('a redirect to this machine is not followed without it, from this machine either', async () => {
    const there = await open(page);
    const { origin } = await open(redirectTo(`${there.origin}/admin`));
    expect(await mistakeOf(`${origin}/`, flags)).toContain('--allow-private');
    expect(there.asked).toEqual([]);
  });

  /** The metadata services of clouds, all spellings of an IPv4 address, IANA's registries, and the neighbours of those. */
  const addresses = {
    private: `
      172.16.0.0 172.31.255.255 100.64.0.1 192.168.1.1 224.0.0.1 255.255.255.255 ::ffff:10.0.0.1
      fe80::1%eth0 168.63.129.16 169.254.169.254 100.100.100.200 192.0.0.192 fd00:ec2::254 fd20:ce::254
      ::ffff:168.63.129.16 ::ffff:a83f:8110 0:0:0:0:0:ffff:169.254.169.254 ::ffff:0:127.0.0.1
      ::127.0.0.1 ::a83f:8110 64:ff9b::169.254.169.254 64:ff9b:1::a83f:8110 2002:7f00:1::
      2002:a83f:8110::1 2001:0:a83f:8110:0:0:8000:1 2001::5601:7eef 0.255.255.255 100.127.255.255
      192.0.0.0 192.0.0.8 192.0.2.1 192.88.99.1 192.88.99.2 198.18.0.0 198.19.255.255 198.51.100.1
      203.0.113.1 240.0.0.1 :: ::1 100::1 100:0:0:1::1 1fff::1 2001:1::1 2001:2::1 2001:10::1 2001:20::1
      2001:30::1 2001:1ff:ffff::1 2001:db8::1 3fff:fff::1 4000::1 5f00::1 fc00::1 fe80::1 febf::1
      fec0::1 ff02::1`,
    public: `
      8.8.8.8 1.1.1.1 172.15.255.255 172.32.0.0 2606:4700:4700::1111 2a00:1450:4001::1 168.63.129.15
      168.63.129.17 1.0.0.0 100.63.255.255 100.128.0.0 191.255.255.255 192.0.1.0 192.88.98.255
      192.88.100.0 198.17.255.255 198.20.0.0 223.255.255.255 2000::1 2001:200::1 2001:db9::1 2003::1
      3fff:1000::1`,
  };

  test.each(Object.entries(addresses))('is known from one of the internet: %s', (kind, list) => {
    for (const address of list.trim().split(/\s+/))
      expect(isPrivate(address), address).toBe(kind === 'private');
  });

  test('is what cannot be read as well', () => expect(isPrivate('not an address')).toBe(true));
});

describe('a redirect', () => {
  const request: PageRequest = {
    method: 'GET',
    headers: [],
    loopbackOrigins: [],
    headersOrigin: '',
    accept: '*/*',
    isRefused: () => false,
    limits: { timeoutMilliseconds: 30_000, maxBodyBytes: 1_000 },
  };

  test('is followed, up to ten times, and the last page is checked', async () => {
    const { origin } = await open((incoming, response) => {
      const step = Number(incoming.url!.slice(1));
      const answer = step < 10 ? redirectTo(`/${step + 1}`, [301, 302, 303, 307, 308][step % 5]) : page;
      answer(incoming, response);
    });
    const { url: last, images } = await checkPage(`${origin}/0`);
    expect(last).toBe(`${origin}/10`);
    expect(images).toHaveLength(1);
    expect(await mistakeOf(`${origin}/-1`)).toContain('more than 10 times');
  });

  test.each(['http://127.0.0.2:1/', 'http://0x7f000002/', 'http://[::1]/', '//127.0.0.2/'])(
    'to an address that is refused is not followed: %s',
    async (location) => {
      const { origin } = await open(redirectTo(location));
      const isRefused = (address: string): boolean => address !== '127.0.0.1';
      await expect(fetchPage(origin, { ...request, isRefused })).rejects.toThrow('--allow-private');
    },
  );

  test('to a name that resolves to a refused address is not followed', async () => {
    let lookups = 0;
    const { origin } = await open(redirectTo('http://localhost:1/'));
    const isRefused = (): boolean => ++lookups > 1;
    await expect(fetchPage(origin, { ...request, isRefused })).rejects.toThrow('--allow-private');
  });

  test.each<readonly [location: string, told: string]>([
    ...['file:///etc/passwd', 'ftp://shop.example/', 'data:text/html,x', 'javascript:x'].map(
      (location) => [location, 'Only http: and https: URLs'] as const,
    ),
    ['http://[', 'to an invalid URL'],
  ])('to what is no website is not followed: %s', async (location, told) => {
    const { origin } = await open(redirectTo(location));
    expect(await mistakeOf(origin)).toContain(told);
  });
});

describe('--header', () => {
  const session = [...checkFlags, '--header', 'Cookie: session=abc', '--header', 'X-Secret:1'];

  test('is sent with the page, also after a redirect within its origin', async () => {
    const { origin, asked } = await open((incoming, response) =>
      (incoming.url === '/' ? redirectTo('/account') : page)(incoming, response),
    );
    await checkPage(`${origin}/`, session);
    expect(asked).toEqual(['GET / session=abc 1', 'GET /account session=abc 1']);
  });

  test('is not sent to another origin, be it another port of the same host', async () => {
    const other = await open(page);
    await checkPage((await open(redirectTo(`${other.origin}/`))).origin, session);
    expect(other.asked).toEqual(['GET /']);
  });

  test('takes the place of our own field, and is sent as a list if it is given twice', async () => {
    let seen: unknown;
    const listener: RequestListener = (incoming, response) => {
      seen = [incoming.headers['accept'], incoming.headers['x-list']];
      page(incoming, response);
    };
    const more = ['--header', 'accept: text/plain', '--header', 'X-List: a', '--header', 'x-list: b'];
    await checkOnce(listener, [...checkFlags, ...more]);
    expect(seen).toEqual(['text/plain', 'a, b']);
  });

  test.each(['Cookie', ': a', 'a b: c', 'Cookie: a\r\nX: y', 'Cookie: \u2026hidden', 'Cookie: a\0'])(
    'that is malformed is told without its value: %j',
    async (field) => {
      const told = await mistakeOf('https://shop.example/', [...checkFlags, '--header', field]);
      expect(told).toBe("image-signer: --header takes a name and a value: --header 'Cookie: session=abc'\n");
    },
  );
});

describe('a body', () => {
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['identity', (text: string) => Buffer.from(text)],
  ] as const)('in %s is decoded', async (coding, encode) => {
    const body = encode(img(url()));
    const { images } = await checkOnce(answering({ body, headers: { 'Content-Encoding': coding } }));
    expect(images).toHaveLength(1);
  });

  test.each([
    ['Content-Encoding', 'zstd', 'a content coding that was not requested: zstd'],
    // Newer versions of Node.js hear of the broken connection first.
    ['Content-Encoding', 'gzip', /closed the connection: (?:Z_DATA_ERROR|ECONNRESET)/],
    ['Content-Length', '1000', 'closed the connection: ECONNRESET'],
  ])('that is not as %s: %s is told, and not taken for a page without images', async (name, value, told) => {
    const { origin } = await open((_, response) => {
      response.writeHead(200, { [name]: value }).write(img(url()), () => response.destroy());
    });
    expect(await mistakeOf(origin, checkFlags, withLimits({}))).toMatch(told);
  });

  test('that is too large is told, whether it is compressed or endless', async () => {
    const limits = withLimits({ maxBodyBytes: 100_000 });
    const bomb = await open(answering({ body: gzipSync(Buffer.alloc(10_000_000)), headers: gzipped }));
    expect(await mistakeOf(bomb.origin, checkFlags, limits)).toContain('larger than 100000 bytes');
    const endless = await open((_, response) => {
      // Without a look at the error, Node.js 26 calls back in an endless loop once the client has left.
      const more = (error?: Error | null): void => {
        if (!error && response.writable) response.write('<p>'.repeat(10_000), more);
      };
      more();
    });
    expect(await mistakeOf(endless.origin, checkFlags, limits)).toContain('larger than 100000 bytes');
    expect((await checkOnce(page, checkFlags, limits)).dead).toBe(1);
  });

  test('of 16 MiB is the most that is read', async () => {
    const body = gzipSync(Buffer.alloc(16 * 1024 * 1024 + 1));
    const { origin } = await open(answering({ body, headers: gzipped }));
    expect(await mistakeOf(origin)).toContain('larger than 16 MiB');
  });
});

describe('a server', () => {
  test.each<[title: string, listener: RequestListener]>([
    ['never answers', () => {}],
    ['stops in the middle of a page', (_, response) => void response.write('<p>')],
    [
      'stops in the middle of a compressed page',
      (_, response) => void response.writeHead(200, gzipped).write(gzipSync('x').subarray(0, 12)),
    ],
  ])('that %s is told when its time is over', async (_title, listener) => {
    const { origin } = await open(listener);
    const told = await mistakeOf(origin, checkFlags, withLimits({ timeoutMilliseconds: 300 }));
    expect(told).toBe('image-signer: The server did not answer within 0.3 seconds.\n');
  });

  test('that cannot be reached is told', async () => {
    const { origin, close } = await startSite(page);
    await close();
    const told = 'image-signer: The server cannot be reached, or closed the connection: ECONNREFUSED.\n';
    expect(await mistakeOf(origin)).toBe(told);
  });

  test.each([
    ['speaks no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ])('that %s is told', async (_title, greeting) => {
    const server = createServer((socket) => {
      socket.on('error', () => {}); // it is closed in the middle
      socket.once('data', () => socket.write(greeting));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const told = await mistakeOf(`http://127.0.0.1:${port}/`);
    server.close();
    expect(told).toMatch(
      /^image-signer: The server cannot be reached, or closed the connection: [A-Z_]+\.\n$/,
    );
  });
});
