/** The gallery as a process: what it says, what it refuses, and how it ends. */
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownAccountHash, ownBase } from '../../examples/gallery/delivery.ts';
import { drawings } from '../../examples/gallery/pictures/catalogue.ts';
import { type RunningGallery, run, startGallery } from '../support/gallery.ts';
import { signedUrlsIn } from '../support/gallery-pages.ts';

const id = drawings[0]?.id;

let temporary: string;
let gallery: RunningGallery;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'image-signer-test-'));
  gallery = await startGallery({ TMPDIR: temporary });
});
afterAll(async () => {
  await gallery?.stop();
  await rm(temporary, { recursive: true, force: true });
});

/** The gallery's own folders; tsx keeps one beside them. */
async function folders(): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('image-signer-gallery-'));
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

/** Just as it is written: `fetch` tidies paths. */
async function send(path: string, { method = 'GET', headers = {}, body = '' }: Sent = {}): Promise<Answer> {
  const { port } = new URL(gallery.address);
  const sent = request({ host: 'localhost', port, path, method, headers }).end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, location: response.headers.location, text };
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const post = (path: string, body: string, headers: Sent['headers'] = form): Promise<Answer> =>
  send(path, { method: 'POST', headers, body });

describe('hostile requests', () => {
  it.each([
    ['/nothing', 404],
    ['/%', 404],
    ['/%E0%A4%A', 404],
    ['/assets/%', 404],
    ['/assets/..%2f..%2fstart.ts', 404],
    ['/url/%', 400],
    ['/url/%E0%A4%A', 400],
    ['/url/..%2f..%2fetc%2fpasswd', 404],
    ['/url/__proto__', 404],
    [`/url/${'a'.repeat(6000)}`, 404],
    [`/url/${id}?variant=__proto__`, 200],
    [`/url/${id}?variant=card&variant=hero`, 200],
    ['/?viewer[]=1&__proto__[x]=1', 200],
    [`${ownBase}/${ownAccountHash}`, 403],
    [`${ownBase}/${ownAccountHash}/%`, 403],
    [`${ownBase}/${ownAccountHash}/${id}/..%2fcard?exp=1&sig=0`, 403],
    [`${ownBase}/${ownAccountHash}/${id}/hero.webp`, 403],
    [`${ownBase}/${ownAccountHash}//${id}/hero`, 403],
    [`${ownBase}/another-account/${id}/preview`, 403],
    [`${ownBase}/${ownAccountHash}/${id}/preview`, 200],
    [`${ownBase}/${ownAccountHash}/no-such-picture/preview`, 404],
  ])('GET %s is %i', async (path, status) => {
    expect((await send(path)).status).toBe(status);
  });

  it.each([
    ['/clock', 'offset=-1', 400],
    ['/clock', 'offset=1e3', 400],
    ['/clock', 'offset=999999999', 400],
    ['/clock', 'offset=1&offset=2', 400],
    ['/clock', '', 400],
    ['/viewer', 'viewer=admin', 400],
    ['/viewer', 'viewer[$ne]=x', 400],
    ['/article/edit', 'hero=/x', 422],
    ['/article/edit', 'hero=javascript:alert(1)&body=x', 422],
    ['/article/edit', 'hero=%22%3E%3Cscript%3E&body=x', 422],
    ['/article/edit', `hero=/x&body=${'a'.repeat(300_000)}`, 413],
    ['/article/edit', '%', 422],
  ])('POST %s with %.30s is %i', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });

  it('takes no form from another site, and nothing that is no form', async () => {
    const foreign = await post('/clock', 'offset=60', { ...form, 'Sec-Fetch-Site': 'cross-site' });
    expect(foreign.status).toBe(403);
    const json = await post('/clock', '{"offset":"60"}', { 'Content-Type': 'application/json' });
    expect(json.status).toBe(400);
  });

  it.each([
    ['//evil.example/', '/'],
    ['https://evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/article?x=1', '/article?x=1'],
  ])('leads back from %j to %s', async (from, location) => {
    const answer = await post('/viewer', new URLSearchParams({ viewer: 'guest', from }).toString());
    expect(answer).toMatchObject({ status: 303, location });
  });

  it('escapes what it prints', async () => {
    const { text } = await send(`/nothing?"><script>alert(1)</script>`);
    expect(text).not.toContain('<script>');
    expect(text).toContain('&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('is moved by no cookie', async () => {
    for (const cookie of ['viewer=member2', 'xviewer=member', 'viewer="member"', ';;=;viewer', '\x80\xff']) {
      const { status, text } = await send('/', { headers: { Cookie: cookie } });
      expect(status).toBe(200);
      expect(text).toMatch(/value="guest" aria-pressed="true"/);
    }
  });
});

it('delivers pictures with their type, to be kept for as long as the token lives', async () => {
  const [url = ''] = signedUrlsIn((await send('/')).text, gallery.address);
  const { status, headers } = await fetch(url);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('image/webp');
  const [, seconds] = /^private, max-age=(\d+)$/.exec(headers.get('cache-control') ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThan(3590);
});

describe('the end', () => {
  it('is clean on Ctrl-C: connections closed, the folder gone, exit code 0', async () => {
    expect(await folders()).toHaveLength(1);
    const idle = connect(Number(new URL(gallery.address).port), 'localhost');
    await once(idle, 'connect');
    const closed = once(idle, 'close');
    const { code, signal, output, errors } = await gallery.stop('SIGINT');
    expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
    await closed;
    expect(await folders()).toEqual([]);
    const [, list = ''] = output.split('Things to try:\n');
    expect(list.split('\n').filter((line) => line.includes(gallery.address))).toHaveLength(5);
  });

  it('is clean while the pictures are still being drawn', async () => {
    const { child, ended } = run({ PORT: '0', TMPDIR: temporary });
    await once(child.stdout!, 'data'); // piped
    child.kill('SIGTERM');
    const { code, output } = await ended;
    expect(code).toBe(0);
    expect(output).toMatch(/^Drawing \d+ pictures …\n$/);
    expect(await folders()).toEqual([]);
  });
});

describe('a start that fails', () => {
  const four = {
    IMAGES_KEY: 'hush-hush',
    IMAGES_ACCOUNT_HASH: 'cheeW4oKsx5ljh8e8BoL2A',
    IMAGES_DELIVERY: 'https://imagedelivery.net',
    IMAGES_IDS: 'one,two',
  };

  it.each([
    [
      { IMAGES_KEY: 'hush-hush', IMAGES_IDS: 'one' },
      /^To show pictures from Cloudflare, IMAGES_ACCOUNT_HASH and IMAGES_DELIVERY are missing\. .+\n$/,
    ],
    [{ ...four, IMAGES_IDS: ' , ' }, /^To show .+, IMAGES_IDS is missing\. .+\n$/],
    [{ ...four, IMAGES_IDS: 'one,../two' }, /^IMAGES_IDS .+"\.\.\/two" is none\.\n$/],
    [{ ...four, IMAGES_KEY: ' hush-hush ' }, /^IMAGES_KEY is refused\. .*white space.*\n$/],
    [{ ...four, IMAGES_DELIVERY: 'imagedelivery.net' }, /^IMAGES_DELIVERY is a whole URL, .+\n$/],
    [{ ...four, IMAGES_DELIVERY: '/images' }, /^IMAGES_DELIVERY is a whole URL, .+\n$/],
    [{ ...four, IMAGES_DELIVERY: 'https://a@b/' }, /^IMAGES_DELIVERY is refused\. .+\n$/],
    [{ PORT: 'http' }, /^PORT is a number from 0 to 65535, not "http"\..+\n$/],
    [{ PORT: '70000' }, /^PORT is .+\n$/],
    [{ SHARED_CACHE: 'yes' }, /^SHARED_CACHE is 1 where .+, not "yes"\..+\n$/],
  ])('says in one line what is wrong with %j', async (environment, line) => {
    const { code, errors, output } = await run({ PORT: '0', ...environment }).ended;
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toMatch(line);
    expect(errors).not.toContain('hush');
  });

  it('says so when the port is taken', async () => {
    const server = createServer().listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await run({ PORT: String(port) }).ended;
    server.close();
    expect(code).toBe(1);
    expect(errors).toBe(
      `Port ${port} is in use by another program. Choose another one: PORT=3001 npm start\n`,
    );
  });
});
