/** What `check` sends where: a page may redirect to a stranger's host, and hold URLs of any address. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../../support/command-line.ts';
import { accountHash } from '../../support/samples.ts';

const image = `/cdn-cgi/imagedelivery/${accountHash}/photo-1/thumb`;
const session = ['--header', 'Cookie: session=secret', '--header', 'Authorization: Bearer secret'];
const flags = ['--variants', 'thumb', '--images', '--allow-private', ...session];

interface Received {
  readonly path: string | undefined;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers, and remembers what it was asked with. */
async function siteOf(answer: RequestListener): Promise<{ origin: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const { cookie, authorization } = request.headers;
    received.push({ path: request.url, cookie, authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const pageWith =
  (html: string): RequestListener =>
  (request, response) => {
    if (request.url === '/') response.setHeader('Content-Type', 'text/html');
    response.end(request.url === '/' ? html : undefined);
  };

test('a site that the page redirects to gets no session, neither for the page nor for its images', async () => {
  const other = await siteOf((request, response) =>
    pageWith(`<img src="${image}"><img src="http://${request.headers.host}${image}?b=1">`)(request, response),
  );
  const site = await siteOf((_request, response) => {
    response.writeHead(302, { Location: `${other.origin}/` }).end();
  });
  const delivery = [
    '--delivery',
    `${other.origin}/cdn-cgi/imagedelivery`,
    '--delivery',
    '/cdn-cgi/imagedelivery',
  ];
  await runCommand(['check', ...flags, ...delivery, `${site.origin}/`]);
  expect(site.received).toEqual([{ path: '/', cookie: 'session=secret', authorization: 'Bearer secret' }]);
  expect(other.received.map(({ path }) => path)).toEqual(['/', image, `${image}?b=1`]);
  for (const { cookie, authorization } of other.received)
    expect([cookie, authorization]).toEqual([undefined, undefined]);
});

test('images of the site itself are asked for with the session, those of another site without it', async () => {
  const other = await siteOf((_request, response) => void response.end());
  const site = await siteOf(pageWith(`<img src="${image}"><img src="${other.origin}${image}">`));
  const delivery = [
    '--delivery',
    `${other.origin}/cdn-cgi/imagedelivery`,
    '--delivery',
    '/cdn-cgi/imagedelivery',
  ];
  await runCommand(['check', ...flags, ...delivery, `${site.origin}/`]);
  expect(site.received.map(({ cookie }) => cookie)).toEqual(['session=secret', 'session=secret']);
  expect(other.received.map(({ cookie }) => cookie)).toEqual([undefined]);
});

test.each([
  ['the address of any interface', '0'],
  ['an IPv4 address mapped into IPv6', '[::ffff:127.0.0.1]'],
  ['an IPv4 address translated into IPv6', '[::ffff:0:127.0.0.1]'],
  ['an address of NAT64', '[64:ff9b::127.0.0.1]'],
  ['an address of 6to4', '[2002:7f00:1::]'],
  ['a link-local address', '[fe80::1]'],
  ['a site-local address', '[fec0::1]'],
  ['a unique local address', '[fd00::1]'],
  ['the address of cloud metadata', '169.254.169.254'],
])('%s is refused without --allow-private', async (_, host) => {
  const { code, stderr } = await runCommand(['check', '--variants', 'thumb', `http://${host}:9/`]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('private network')]);
});
