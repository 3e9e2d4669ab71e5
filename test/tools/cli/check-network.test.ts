/**
 * What `image-signer check` connects to, follows, sends and waits for.
 * Longer than most files: each thing that a server can do wrong has its test here.
 */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { fetchPage, type PageRequest } from '../../../src/tools/cli/page-client.ts';
import { isPrivate } from '../../../src/tools/cli/private-addresses.ts';
import { html, img } from '../../support/checked-apps.ts';
import {
  answering,
  checkFlags,
  checkOnce,
  checkPage,
  type Site,
  startSite,
  withLimits,
} from '../../support/checked-page.ts';
import { runCommand } from '../../support/command-line.ts';
import { accountHash, url } from '../../support/samples.ts';

const open: Site[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((site) => site.close()));
});

async function start(listener: RequestListener, host?: string): Promise<Site> {
  const site = await startSite(listener, host);
  open.push(site);
  return site;
}

const redirectTo = (location: string, status = 302): RequestListener =>
  answering({ status, headers: { Location: location } });

/** What is written when the page cannot be checked. */
async function mistakeOf(page: string, args = checkFlags, options = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(['check', ...args, page], options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return stderr;
}

describe('an address of a private network', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '169.254.169.254',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
  ])('is not asked without --allow-private: %s', async (host) => {
    let requests = 0;
    const site = await start((_, response) => {
      requests++;
      response.end();
    });
    const { port } = new URL(site.origin);
    const told = await mistakeOf(`http://${host}:${port}/`, ['--variants', 'thumb']);
    expect(told).toContain('--allow-private');
    expect(requests).toBe(0);
  });

  test.each(['localhost', '127.0.0.1', '2130706433', '0x7f000001'])(
    'this machine needs no flag by its own name: %s',
    async (host) => {
      const site = await start(html(img(url())));
      const { port } = new URL(site.origin);
      const { images } = await checkPage(`http://${host}:${port}/`, ['--variants', 'thumb']);
      expect(images).toHaveLength(1);
    },
  );

  test('nor do the images of a page there', async () => {
    const asked: string[] = [];
    const site = await start((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      html(`<img src="/i/${accountHash}/a/thumb">`)(incoming, response);
    });
    const flags = ['--variants', 'thumb', '--delivery', '/i', '--images'];
    await checkPage(`${site.origin}/`, flags);
    expect(asked).toEqual(['GET /', `HEAD /i/${accountHash}/a/thumb`]);
  });

  test('nor do those at a base of the options on another port', async () => {
    const delivery = await start(answering({ status: 200 }));
    const page = html(`<img src="${delivery.origin}/${accountHash}/a/thumb">`);
    const flags = ['--variants', 'thumb', '--delivery', delivery.origin, '--images'];
    const [image] = (await checkPage(`${(await start(page)).origin}/`, flags)).images;
    expect(image?.message).toContain('The delivery answers 200.');
  });

  test('a redirect to this machine is not followed without it, from this machine either', async () => {
    let requests = 0;
    const there = await start((_, response) => {
      requests++;
      response.end();
    });
    const site = await start(redirectTo(`${there.origin}/admin`));
    expect(await mistakeOf(`${site.origin}/`, ['--variants', 'thumb'])).toContain('--allow-private');
    expect(requests).toBe(0);
  });

  test('is asked with it, by name as well', async () => {
    const site = await start(html(img(url())));
    const { port } = new URL(site.origin);
    for (const host of ['localhost', '127.0.0.1', '2130706433'])
      expect((await checkPage(`http://${host}:${port}/`)).images).toHaveLength(1);
  });

  test.each([
    ['8.8.8.8', false],
    ['1.1.1.1', false],
    ['172.15.255.255', false],
    ['172.16.0.0', true],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['100.64.0.1', true],
    ['192.168.1.1', true],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['2606:4700:4700::1111', false],
    ['2a00:1450:4001::1', false],
    ['::ffff:10.0.0.1', true],
    ['fe80::1%eth0', true],
    ['not an address', true],
    // The metadata and host services of clouds.
    ['168.63.129.16', true],
    ['168.63.129.15', false],
    ['168.63.129.17', false],
    ['169.254.169.254', true],
    ['100.100.100.200', true],
    ['192.0.0.192', true],
    ['fd00:ec2::254', true],
    ['fd20:ce::254', true],
    // All other spellings of an IPv4 address.
    ['::ffff:168.63.129.16', true],
    ['::ffff:a83f:8110', true],
    ['0:0:0:0:0:ffff:169.254.169.254', true],
    ['::ffff:0:127.0.0.1', true],
    ['::127.0.0.1', true],
    ['::a83f:8110', true],
    ['64:ff9b::169.254.169.254', true],
    ['64:ff9b:1::a83f:8110', true],
    ['2002:7f00:1::', true],
    ['2002:a83f:8110::1', true],
    ['2001:0:a83f:8110:0:0:8000:1', true],
    ['2001::5601:7eef', true],
    // The rest of IANA's registries, and the neighbours of what is in them.
    ['0.255.255.255', true],
    ['1.0.0.0', false],
    ['100.63.255.255', false],
    ['100.127.255.255', true],
    ['100.128.0.0', false],
    ['191.255.255.255', false],
    ['192.0.0.0', true],
    ['192.0.0.8', true],
    ['192.0.1.0', false],
    ['192.0.2.1', true],
    ['192.88.99.1', true],
    ['192.88.99.2', true],
    ['192.88.98.255', false],
    ['192.88.100.0', false],
    ['198.17.255.255', false],
    ['198.18.0.0', true],
    ['198.19.255.255', true],
    ['198.20.0.0', false],
    ['198.51.100.1', true],
    ['203.0.113.1', true],
    ['223.255.255.255', false],
    ['240.0.0.1', true],
    ['::', true],
    ['::1', true],
    ['100::1', true],
    ['100:0:0:1::1', true],
    ['1fff::1', true],
    ['2000::1', false],
    ['2001:1::1', true],
    ['2001:2::1', true],
    ['2001:10::1', true],
    ['2001:20::1', true],
    ['2001:30::1', true],
    ['2001:1ff:ffff::1', true],
    ['2001:200::1', false],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['2003::1', false],
    ['3fff:fff::1', true],
    ['3fff:1000::1', false],
    ['4000::1', true],
    ['5f00::1', true],
    ['fc00::1', true],
    ['fe80::1', true],
    ['febf::1', true],
    ['fec0::1', true],
    ['ff02::1', true],
  ])('is known from one of the internet: %s is one: %s', (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });
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
    const site = await start((incoming, response) => {
      const step = Number(incoming.url!.slice(1));
      if (step < 10) redirectTo(`/${step + 1}`, [301, 302, 303, 307, 308][step % 5])(incoming, response);
      else html(img(url()))(incoming, response);
    });
    const { url: last, images } = await checkPage(`${site.origin}/0`);
    expect(last).toBe(`${site.origin}/10`);
    expect(images).toHaveLength(1);
    expect(await mistakeOf(`${site.origin}/-1`)).toContain('more than 10 times');
  });

  test.each(['http://127.0.0.2:1/', 'http://0x7f000002/', 'http://[::1]/', '//127.0.0.2/'])(
    'to an address that is refused is not followed: %s',
    async (location) => {
      const site = await start(redirectTo(location));
      const isRefused = (address: string): boolean => address !== '127.0.0.1';
      await expect(fetchPage(site.origin, { ...request, isRefused })).rejects.toThrow('--allow-private');
    },
  );

  test('to a name that resolves to a refused address is not followed', async () => {
    let isFirst = true;
    const isRefused = (): boolean => {
      const isAllowed = isFirst;
      isFirst = false;
      return !isAllowed;
    };
    const site = await start(redirectTo('http://localhost:1/'));
    await expect(fetchPage(site.origin, { ...request, isRefused })).rejects.toThrow('--allow-private');
  });

  test.each(['file:///etc/passwd', 'ftp://shop.example/', 'data:text/html,x', 'javascript:x'])(
    'to what is no website is not followed: %s',
    async (location) => {
      const site = await start(redirectTo(location));
      expect(await mistakeOf(site.origin)).toContain('Only http: and https: URLs');
    },
  );

  test('to no URL is told', async () => {
    const site = await start(redirectTo('http://['));
    expect(await mistakeOf(site.origin)).toContain('to no URL');
  });
});

describe('--header', () => {
  const flags = [...checkFlags, '--header', 'Cookie: session=abc', '--header', 'X-Secret:1'];

  test('is sent with the page, also after a redirect within its origin', async () => {
    const seen: unknown[] = [];
    const site = await start((incoming, response) => {
      seen.push([incoming.headers['cookie'], incoming.headers['x-secret']]);
      if (incoming.url === '/') redirectTo('/account')(incoming, response);
      else html('')(incoming, response);
    });
    await checkPage(`${site.origin}/`, flags);
    expect(seen).toEqual([
      ['session=abc', '1'],
      ['session=abc', '1'],
    ]);
  });

  test('is not sent to another origin, be it another port of the same host', async () => {
    const seen: unknown[] = [];
    const other = await start((incoming, response) => {
      seen.push([incoming.headers['cookie'], incoming.headers['x-secret']]);
      html('')(incoming, response);
    });
    const site = await start(redirectTo(`${other.origin}/`));
    await checkPage(site.origin, flags);
    expect(seen).toEqual([[undefined, undefined]]);
  });

  test('takes the place of our own field, and is sent as a list if it is given twice', async () => {
    let seen: unknown;
    const listener: RequestListener = (incoming, response) => {
      seen = [incoming.headers['accept'], incoming.headers['x-list']];
      html('')(incoming, response);
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
    [
      'a coding that was not asked for',
      { 'Content-Encoding': 'zstd' },
      'a content coding that was not asked for: zstd',
    ],
    // Newer versions of Node.js hear of the broken connection first.
    ['a coding that it is not in', { 'Content-Encoding': 'gzip' }, /broke off: (?:Z_DATA_ERROR|ECONNRESET)/],
    ['a length that it does not have', { 'Content-Length': '1000' }, 'broke off: ECONNRESET'],
  ])('with %s is told, and not taken for a page without images', async (_title, headers, told) => {
    const site = await start((_, response) => {
      response.writeHead(200, headers as never);
      response.write(img(url()), () => response.destroy());
    });
    const options = withLimits({});
    expect(await mistakeOf(site.origin, checkFlags, options)).toMatch(told);
  });

  test('that is too large is told, whether it is compressed or endless', async () => {
    const limits = withLimits({ maxBodyBytes: 100_000 });
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const compressed = await start(answering({ body: bomb, headers: { 'Content-Encoding': 'gzip' } }));
    expect(await mistakeOf(compressed.origin, checkFlags, limits)).toContain('more than 100000 bytes');
    const endless = await start((_, response) => {
      // Without a look at the error, Node.js 26 calls back in an endless loop once the client has left.
      const more = (error?: Error | null): void => {
        if (!error && response.writable) response.write('<p>'.repeat(10_000), more);
      };
      more();
    });
    expect(await mistakeOf(endless.origin, checkFlags, limits)).toContain('more than 100000 bytes');
    expect((await checkPage(`${(await start(html(img(url())))).origin}/`, checkFlags, limits)).dead).toBe(1);
  });

  test('of 16 MiB is the most that is read', async () => {
    const site = await start(
      answering({
        body: gzipSync(Buffer.alloc(16 * 1024 * 1024 + 1)),
        headers: { 'Content-Encoding': 'gzip' },
      }),
    );
    expect(await mistakeOf(site.origin)).toContain('more than 16 MiB');
  });
});

describe('a server', () => {
  test.each<[title: string, listener: RequestListener]>([
    ['that never answers', () => {}],
    ['that stops in the middle of a page', (_, response) => void response.write('<p>')],
    [
      'that stops in the middle of a compressed page',
      (_, response) =>
        void response.writeHead(200, { 'Content-Encoding': 'gzip' }).write(gzipSync('x').subarray(0, 12)),
    ],
  ])('%s is told when its time is over', async (_title, listener) => {
    const site = await start(listener);
    const told = await mistakeOf(site.origin, checkFlags, withLimits({ timeoutMilliseconds: 300 }));
    expect(told).toBe('image-signer: The server has not answered within 0.3 seconds.\n');
  });

  test('that cannot be reached is told', async () => {
    const { origin, close } = await startSite(html(''));
    await close();
    expect(await mistakeOf(origin)).toBe(
      'image-signer: The server cannot be reached, or broke off: ECONNREFUSED.\n',
    );
  });

  test.each([
    ['speaks no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    [
      'switches to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    ],
  ])('that %s is told', async (_title, greeting) => {
    const server = createServer((socket) => {
      socket.on('error', () => {}); // it is closed in the middle
      socket.once('data', () => socket.write(greeting));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const told = await mistakeOf(`http://127.0.0.1:${port}/`);
    server.close();
    expect(told).toMatch(/^image-signer: The server cannot be reached, or broke off: [A-Z_]+\.\n$/);
  });
});
