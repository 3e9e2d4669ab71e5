/**
 * Who asks for a page: `viewer` in the configuration, and `askTarget`, whose answers no two visitors share.
 * Longer than most files: whatever may mix visitors up has its test here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ViewerFunction } from '../../../src/tools/proxy/viewers.ts';
import type { RawRequest, RawResponse } from '../../support/http/raw.ts';
import { moment } from '../../support/moment.ts';
import { base, countTokens, url } from '../../support/samples.ts';
import { type ProxiedSite, startProxied } from '../../support/servers/proxied-site.ts';

let site: ProxiedSite;
afterEach(() => vi.useRealTimers());

const page = `<img src="${url()}">`;
const noPath = ": askTarget expected a path, such as '/session'";

/** Their session, by the whole of what they have sent. */
function sessionOf({ headers }: IncomingMessage): string {
  return JSON.stringify({ cookie: headers.cookie ?? null, authorization: headers.authorization ?? null });
}

interface Started {
  /** The paths that the target was asked for. */
  readonly asked: string[];
  /** What `authorize` has got as `request.viewer`. */
  readonly viewers: unknown[];
  /** How often `viewer` was called. */
  readonly calls: string[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

interface Given {
  readonly viewer: ViewerFunction;
  readonly session?: Answer;
  readonly answer?: Answer;
  readonly allows?: (viewer: unknown) => boolean;
  readonly keep?: number;
  /** Gives up after a moment. */
  readonly isImpatient?: boolean;
  readonly imageSigner?: object;
}

const sendAs =
  (type: string, text: string): Answer =>
  (_, response) =>
    response.setHeader('Content-Type', type).end(text);

async function start({
  viewer,
  session = (request, response) => response.end(sessionOf(request)),
  answer = sendAs('text/html', page),
  allows = () => true,
  keep = 60_000,
  isImpatient = false,
  imageSigner,
}: Given): Promise<Started> {
  const started: Started = { asked: [], viewers: [], calls: [] };
  site = await startProxied(
    (request, response) => {
      started.asked.push(request.url!);
      (request.url === '/session' ? session : answer)(request, response);
    },
    {
      viewer: (request, tools) => {
        started.calls.push(request.url!);
        return viewer(request, tools);
      },
      imageSigner: {
        ...base,
        ...imageSigner,
        report: false,
        authorize(_image: unknown, request: { readonly viewer?: unknown }) {
          started.viewers.push(request.viewer);
          return allows(request.viewer);
        },
      },
      limits: {
        viewer: isImpatient ? 100 : 30_000,
        ask: { timeout: isImpatient ? 50 : 30_000, keep, maxAnswerLength: 5_000, maxKeptLength: 100_000 },
      },
    },
  );
  return started;
}

const askSession: ViewerFunction = (_, { askTarget }) => askTarget('/session');

function visit(
  headers: Record<string, string> = {},
  path = '/',
  more: RawRequest = {},
): Promise<RawResponse> {
  return site.ask(path, { ...more, headers });
}

describe('authorize', () => {
  test('gets what viewer has found, and the page waits for it', async () => {
    const { viewers } = await start({
      viewer: async (request) => {
        await new Promise((resolve) => setImmediate(resolve));
        return { name: request.headers['x-name'] };
      },
      allows: (viewer) => (viewer as { name: string }).name === 'ada',
    });
    const answer = await visit({ 'x-name': 'ada' });
    expect(countTokens(answer.text)).toBe(1);
    expect(answer.header('cache-control')).toMatch(/private/);
    expect(countTokens((await visit({ 'x-name': 'eve' })).text)).toBe(0);
    expect(viewers).toEqual([{ name: 'ada' }, { name: 'eve' }]);
  });

  const fail = (): never => {
    throw new RangeError('a secret');
  };
  test.each<[string, string, ViewerFunction]>([
    ['throws', ' with RangeError', fail],
    ['is rejected', '', () => Promise.reject('a secret')],
    ['takes too long', ': it took too long', () => new Promise(() => {})],
    ['asks for another host', noPath, (_, { askTarget }) => askTarget('http://evil.example/session')],
    ['asks for no path', noPath, (_, { askTarget }) => askTarget('session')],
  ])('gets undefined if viewer %s', async (_title, reason, viewer) => {
    const { viewers } = await start({ viewer, allows: (found) => found !== undefined, isImpatient: true });
    const { status, text } = await visit();
    expect({ status, text }).toEqual({ status: 200, text: page });
    expect(viewers).toEqual([undefined]);
    expect(site.failures).toEqual([`viewer failed${reason}`]);
  });

  const user = '{"user":1}';
  test.each<[string, Answer]>([
    ['a redirect to the login', (_, response) => response.writeHead(302, { Location: '/login' }).end(user)],
    ['401', (_, response) => response.writeHead(401).end(user)],
    ['500', (_, response) => response.writeHead(500).end(user)],
    ['no JSON', (_, response) => response.end('<p>hello')],
    ['nothing', (_, response) => response.end()],
    ['half', (_, it) => it.writeHead(200, { 'Content-Length': 100 }).write(user, () => it.destroy())],
    ['a long answer', (_, response) => response.end(JSON.stringify('x'.repeat(6_000)))],
    ['no answer in time', () => {}],
    ['an answer without end', (_, response) => response.write('"')],
  ])('gets undefined if the target answers askTarget with %s', async (_title, session) => {
    const { viewers } = await start({
      viewer: askSession,
      session,
      allows: (found) => found !== undefined,
      isImpatient: true,
    });
    expect((await visit({ cookie: 'a=1' })).text).toBe(page);
    expect(viewers).toEqual([undefined]);
  });

  test('is asked for a redirect to an image, which waits as well', async () => {
    const { viewers } = await start({
      viewer: askSession,
      answer: (_, response) => response.writeHead(302, { Location: url() }).end(),
    });
    expect(countTokens(String((await visit({ cookie: 'a=1' })).header('location')))).toBe(1);
    expect(viewers).toHaveLength(1);
  });
});

describe('viewer', () => {
  test.each([
    ['image/png', 'image/avif,image/webp,*/*;q=0.8'],
    ['text/css', 'text/css,*/*;q=0.1'],
    ['text/javascript', '*/*'],
    ['application/json', 'application/json'],
  ])('is not asked for %s', async (type, accept) => {
    const { calls, asked } = await start({ viewer: () => new Promise(() => {}), answer: sendAs(type, 'x') });
    expect((await visit({ accept })).text).toBe('x');
    expect(calls).toEqual([]);
    expect(asked).toEqual(['/']);
  });

  test('is asked for JSON that is rewritten', async () => {
    const { viewers } = await start({
      viewer: () => 'ada',
      imageSigner: { rewrite: { json: true } },
      answer: sendAs('application/json', JSON.stringify({ image: url() })),
    });
    expect(countTokens((await visit({ accept: 'application/json' })).text)).toBe(1);
    expect(viewers).toEqual(['ada']);
  });

  test('is asked once a request, beside the target if the client wants a page', async () => {
    const isAsked = moment();
    const { calls } = await start({
      viewer: () => isAsked.come(),
      // The target answers no earlier: asked after it, `viewer` would never be.
      answer: (...given) => isAsked.comes.then(() => sendAs('text/html', page)(...given)),
    });
    expect((await visit({ accept: 'text/html' })).status).toBe(200);
    expect(calls).toEqual(['/']);
  });

  test('is asked before early hints are signed', async () => {
    const { viewers } = await start({
      viewer: async () => 'ada',
      answer(request, response) {
        const link = [`<${url()}>; rel=preload; as=image`, '</a.css>; rel=preload; as=style'];
        response.writeEarlyHints({ link }, () => sendAs('text/html', page)(request, response));
      },
    });
    const answer = await fetch(`http://127.0.0.1:${site.port}/`);
    expect(countTokens(await answer.text())).toBe(1);
    expect(new Set(viewers)).toEqual(new Set(['ada']));
  });
});

describe('askTarget', () => {
  test('sends the cookie and the authorization of the visitor, and nothing else of the request', async () => {
    let heads: IncomingMessage['headers'] = {};
    const { viewers } = await start({
      viewer: askSession,
      session: (request, response) => {
        heads = request.headers;
        response.end(sessionOf(request));
      },
    });
    await visit(
      { cookie: 'a=1; b=2', authorization: 'Bearer x', 'x-other': '1', 'x-forwarded-for': '6.6.6.6' },
      '/',
      { method: 'POST', body: 'secret' },
    );
    expect(viewers).toEqual([{ cookie: 'a=1; b=2', authorization: 'Bearer x' }]);
    const { via, ...others } = heads;
    expect(via).toMatch(/^1\.1 image-signer-/);
    expect(others).toEqual({
      host: 'localhost',
      cookie: 'a=1; b=2',
      authorization: 'Bearer x',
      accept: 'application/json',
      connection: 'keep-alive',
      'x-forwarded-host': 'localhost',
      'x-forwarded-proto': 'http',
    });
  });

  test('keeps an answer for the same visitor, each request with a value of its own', async () => {
    const { asked, viewers } = await start({ viewer: askSession });
    for (let index = 0; index < 3; index++) await visit({ cookie: 'a=1' });
    expect(asked.filter((path) => path === '/session')).toHaveLength(1);
    expect(viewers[0]).toEqual(viewers[2]);
    expect(viewers[0]).not.toBe(viewers[2]);
  });

  test('asks again once the time is over, though the clock has been set back meanwhile', async () => {
    const { asked } = await start({ viewer: askSession, keep: 5_000 });
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    await visit({ cookie: 'a=1' });
    vi.advanceTimersByTime(5_001);
    vi.setSystemTime(Date.now() - 600_000);
    await visit({ cookie: 'a=1' });
    expect(asked.filter((path) => path === '/session')).toHaveLength(2);
  });

  test('asks again once the time is over, and after a failure', async () => {
    let isUp = false;
    const { asked, viewers } = await start({
      viewer: askSession,
      keep: 0,
      session: (request, response) => void response.writeHead(isUp ? 200 : 500).end(sessionOf(request)),
    });
    await visit({ cookie: 'a=1' });
    isUp = true;
    await visit({ cookie: 'a=1' });
    await visit({ cookie: 'a=1' });
    expect(asked.filter((path) => path === '/session')).toHaveLength(3);
    const known = { cookie: 'a=1', authorization: null };
    expect(viewers).toEqual([undefined, known, known]);
  });

  test.each([
    [{ cookie: 'a=1' }, { cookie: 'a=2' }],
    [{ cookie: 'x' }, { authorization: 'x' }],
    [{ cookie: 'a', authorization: 'b' }, { cookie: 'ab' }],
    [{ cookie: 'a","b' }, { cookie: 'a', authorization: 'b' }],
    [{ cookie: 'a=1' }, {}],
    [{ cookie: '' }, {}],
    [{ cookie: `${'a'.repeat(3_000)}1` }, { cookie: `${'a'.repeat(3_000)}2` }],
    [{ cookie: 'a=1' }, { cookie: 'A=1' }],
  ] as [Record<string, string>, Record<string, string>][])(
    'never gives one visitor the answer of another: %#',
    async (one, other) => {
      const { viewers, asked } = await start({ viewer: askSession });
      // At the same time, and one after the other.
      await Promise.all([visit(one), visit(other)]);
      await visit(one);
      await visit(other);
      const own = ({ cookie = null, authorization = null }: Record<string, string | null>): object => ({
        cookie,
        authorization,
      });
      expect(viewers).toHaveLength(4);
      expect(viewers.slice(2)).toEqual([own(one), own(other)]);
      expect(viewers.slice(0, 2)).toEqual(expect.arrayContaining([own(one), own(other)]));
      expect(asked.filter((path) => path === '/session')).toHaveLength(2);
    },
  );

  test('never gives the answer for one host to another', async () => {
    const { asked } = await start({ viewer: askSession });
    await visit({ cookie: 'a=1', host: 'one.example' });
    await visit({ cookie: 'a=1', host: 'two.example' });
    expect(asked.filter((path) => path === '/session')).toHaveLength(2);
  });

  test('asks about the host that the page comes from, whatever Host says beside it', async () => {
    const hosts: unknown[] = [];
    await start({
      viewer: (request, tools) => {
        hosts.push(request.headers.host, request.url);
        return askSession(request, tools);
      },
      session: (request, response) => {
        hosts.push(request.headers.host);
        response.end(sessionOf(request));
      },
    });
    await visit({ cookie: 'a=1', host: 'one.example' }, 'http://two.example/page');
    expect(hosts).toEqual(['two.example', '/page', 'two.example']);
  });

  test('holds no more than its limit', async () => {
    const { asked, viewers } = await start({ viewer: askSession });
    const cookies = Array.from({ length: 60 }, (_, index) => `${'x'.repeat(2_000)}${index}`);
    for (const cookie of cookies) await visit({ cookie });
    await visit({ cookie: cookies[0]! });
    expect(asked.filter((path) => path === '/session')).toHaveLength(61);
    expect(viewers.at(-1)).toEqual({ cookie: cookies[0], authorization: null });
  });
});
