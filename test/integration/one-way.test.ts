/** Who stands between an app and its socket besides us: methods that know two arguments, encoders, thieves, and other versions of this package. */
import { ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import onHeaders from 'on-headers';
import { expect, test } from 'vitest';
import { imageSigner as signFetch } from '../../src/fetch.ts';
import type { ImageSignerEvent } from '../../src/index.ts';
import { protocol, responseSymbol } from '../../src/node/http/hooks.ts';
import { send } from '../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { expresses, signing, visit } from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';

const page = `<p>text</p><img src="${url()}">`;
type Answer = express.RequestHandler;
const sendPage: Answer = (_, response) => void response.send(page);

/** Ours, and what it has to say of responses that pass. */
function telling(): [ours: Answer, events: object[]] {
  const events: object[] = [];
  const report = ({ page: _, ...event }: ImageSignerEvent): unknown =>
    event.type === 'passed' && events.push(event);
  return [signing({ report }), events];
}

/** A middleware that puts these methods on each response; each gets the one below, and its arguments. */
type Method = (
  below: (...args: unknown[]) => unknown,
  args: unknown[],
  response: express.Response,
) => unknown;
function patching(methods: Partial<Record<'write' | 'end', Method>>): Answer {
  return (_request, response, next) => {
    for (const [name, method] of Object.entries(methods)) {
      const below = Reflect.get(response, name) as (...args: unknown[]) => unknown;
      Reflect.set(response, name, (...args: unknown[]) => method(below.bind(response), args, response));
    }
    next();
  };
}

test.each(expresses)(
  '%s: compression after us is told once, and right; before us nothing is told',
  async (_, create) => {
    for (const isAfter of [true, false]) {
      const [ours, events] = telling();
      const encoder = compression({ threshold: 0 }) as Answer;
      const app = create().use(...(isAfter ? [ours, encoder] : [encoder, ours]), sendPage);
      for (let round = 0; round < 3; round++) {
        const { header, body } = await visit(app, '/', { headers: { 'accept-encoding': 'gzip' } });
        expect([header('content-encoding'), countTokens(gunzipSync(body).toString())]).toEqual(['gzip', 1]);
      }
      expect(events).toEqual(isAfter ? [{ type: 'passed', reason: 'encoded-above' }] : []);
    }
  },
);

/** As compression and express-session have them: they take two arguments, and pass on two. */
const two: Method = (below, [chunk, encoding]) => below(chunk, encoding);
/** As express-session: what is no chunk is none, and all else is written. */
const writing: Method = (below, [chunk, encoding], response) => {
  if (chunk !== undefined) response.write(chunk);
  return below(undefined, encoding);
};
const encoded = gzipSync(page);

test.each<[title: string, method: string, call: (response: express.Response, done: () => void) => unknown]>([
  ['write(text, done)', 'GET', (each, done) => each.write(page, (() => each.end(done)) as never)],
  [
    'write(bytes, done)',
    'GET',
    (each, done) => each.write(Buffer.from(page), (() => each.end(done)) as never),
  ],
  ['end(text, done)', 'GET', (each, done) => each.end(page, done)],
  ['end(text, done) for HEAD', 'HEAD', (each, done) => each.end(page, done)],
  ['end(done) behind what is held back', 'GET', (each, done) => [each.write(`${page}<b`), each.end(done)]],
  [
    'write(gzip), end(gzip, done)',
    'GET',
    (each, done) => {
      each.set('Content-Encoding', 'gzip').write(encoded.subarray(0, 20));
      each.end(encoded.subarray(20), done as never);
    },
  ],
])('methods below that know two arguments call back once: %s', async (title, method, call) => {
  const below = title.includes('gzip') ? { end: writing } : { write: two, end: two };
  const app = express().use(patching(below), signing());
  let calls = 0;
  const called = new Promise<void>((resolve) => {
    app.use((_request, response) => {
      call(response.type('html'), () => {
        calls++;
        resolve();
      });
    });
  });
  await withSite(app, async (port) => {
    const [{ isComplete, body, header }] = await Promise.all([send(port, '/', { method }), called]);
    const text = (header('content-encoding') === 'gzip' ? gunzipSync(body) : body).toString();
    expect([isComplete, calls, countTokens(text)]).toEqual([true, 1, method === 'HEAD' ? 0 : 1]);
  });
});

test('a text stays a text for methods below, which may change it', async () => {
  const seen: unknown[] = [];
  const end: Method = (below, [chunk, ...rest]) => {
    seen.push(typeof chunk);
    return below(`${String(chunk)}<!-- below -->`, ...rest);
  };
  const app = express().use(
    patching({ end }),
    signing(),
    (_, res) => void res.type('html').end(page, 'utf8'),
  );
  const { text } = await visit(app);
  expect([seen, countTokens(text), text.endsWith('<!-- below -->')]).toEqual([['string'], 1, true]);
});

test('a `skip` that answers is asked once', async () => {
  let asked = 0;
  const skip = (_request: unknown, response: ServerResponse): boolean => {
    response.writeHead(403, { 'content-type': 'text/html' }).end('no');
    return ++asked > 0;
  };
  const app = express().use(signing({ skip }), (_request, response) => {
    response.on('error', () => {}); // as Node.js says it of a write after the end
    response.type('html').write(page);
  });
  const { status, text } = await visit(app);
  expect([status, text, asked]).toEqual([403, 'no', 1]);
});

test('a response that says by a property of its own that nothing is sent, as those of @fastify/express do', async () => {
  const before: Answer = (_request, response, next) => {
    Object.defineProperty(response, 'headersSent', { value: false, configurable: true });
    onHeaders(response, () => {});
    next();
  };
  const app = express().use(before, signing(), (_request, response) => {
    response.setHeader('ETag', '"a"');
    response.setHeader('Content-Type', 'text/html');
    response.writeHead(200).write(page);
    response.end(page);
  });
  const { isComplete, text, header } = await visit(app);
  expect([isComplete, countTokens(text)]).toEqual([true, 2]);
  expect(header('etag')).toMatch(/-is\./);
});

test('where a middleware below takes our methods off, no byte is lost, and it is told', async () => {
  const thief: Answer = (_request, response, next) => {
    const { write, end, writeHead } = response;
    response.write = ((...args: Parameters<typeof write>) => {
      Object.assign(response, { write, end, writeHead });
      return Reflect.apply(write, response, args);
    }) as typeof write;
    next();
  };
  const [ours, events] = telling();
  const app = express().use(thief, ours, (_request, response) => {
    response.type('html').write(`${page}<img src="https://imagedeliv`);
    response.write(`ery.net/x">${page}`);
    response.end('<p>end');
  });
  const { text, isComplete, header } = await visit(app);
  const whole = `${page}<img src="https://imagedelivery.net/x">${page}<p>end`;
  expect([isComplete, withoutTokens(text)]).toEqual([true, whole]);
  expect([countTokens(text), header('cache-control')]).toEqual([1, 'no-cache']);
  expect(events).toEqual([{ type: 'passed', reason: 'interrupted', bytes: 0 }]);
});

test('where a middleware above ends a page past us, what was held back is told', async () => {
  const held = '<img src="https://imag';
  const [ours, events] = telling();
  const app = express().use(ours, (_request, response) => {
    response.type('html').write(`<p>text</p>${held}`);
    Reflect.apply(ServerResponse.prototype.end, response, []);
  });
  expect((await visit(app)).text).toBe('<p>text</p>');
  expect(events).toEqual([{ type: 'passed', reason: 'interrupted', bytes: held.length }]);
});

test('where a cache below has the whole page, and ends it before the app does, nothing is lost, and nothing told', async () => {
  const cache: Answer = (_request, response, next) => {
    const { end } = response;
    response.write = (() => {
      Reflect.apply(end, response, [page]); // as shrink-ray-current does
      return true;
    }) as unknown as typeof response.write;
    next();
  };
  const [ours, events] = telling();
  const app = express().use(cache, ours, (_request, response) => {
    response.type('html').write(page);
    response.once('finish', () => response.end());
  });
  expect((await visit(app)).text).toBe(page);
  expect(events).toEqual([]);
});

test('another version of the package in the process has the response first, which is signed once', async () => {
  const [ours, events] = telling();
  // What another version leaves on a response that it signs.
  const another: Answer = (_request, response, next) => {
    Object.assign(response, { [responseSymbol]: { protocol: protocol + 1, outgoing: undefined } });
    next();
  };
  const { text, header } = await visit(express().use(another, ours, sendPage));
  expect([text, header('cache-control'), events]).toEqual([page, undefined, []]);
  const response = new Response(page, { headers: { 'content-type': 'text/html' } });
  Object.assign(response, { [Symbol.for('image-signer.fetch')]: { protocol: protocol + 1 } });
  expect(await signFetch(base as never)(new Request('http://localhost/'), () => response)).toBe(response);
});

test('a page under backpressure keeps its bytes while others are written', async () => {
  const pageOf = (at: string): string => `<p>${at}</p>`.repeat(60_000) + page;
  const app = express().use(signing());
  app.get('/:at', (request, response) => void response.send(pageOf(request.params.at)));
  await withSite(app, async (port) => {
    const all = await Promise.all(Array.from({ length: 8 }, (_, at) => send(port, `/${at}`)));
    for (const [at, { text }] of all.entries())
      expect([at, withoutTokens(text) === pageOf(String(at)), countTokens(text)]).toEqual([at, true, 1]);
  });
});
