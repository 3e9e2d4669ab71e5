/**
 * Whatever a handler answers, by whatever body of its framework, status, fields and bytes are those without the middleware, but for
 * tokens in pages and the fields that `docs/caching.md` names; so are the errors that the app hears of, and the process lives.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { parse, type RawResponse } from '../../support/http/raw.ts';
import { withoutTokens } from '../../support/samples.ts';
import { runs } from '../../support/seed.ts';
import { decoded } from '../../support/servers/express-site.ts';
import {
  type HandlerServer,
  handlerServers,
  type Kind,
  nameOf,
  type Played,
  type Playing,
} from './handler-servers.ts';

const cases = runs(1);

/** What ends a process that does not listen. */
const fatal = ['uncaughtException', 'unhandledRejection'] as const;
const others = fatal.map((event) => process.listeners(event as never));
let onFatal: (error: unknown) => void = () => {};
beforeAll(() => {
  for (const event of fatal) process.removeAllListeners(event).on(event, (error) => onFatal(error));
});
afterAll(() => {
  for (const [index, event] of fatal.entries()) {
    process.removeAllListeners(event);
    for (const each of others[index]!) process.on(event, each as never);
  }
});

interface Request {
  readonly method: string;
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
}

const requests: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST'),
  version: fc.constantFrom('1.1', '1.0'),
  headers: fc.record(
    {
      accept: fc.constantFrom('*/*', 'text/html'),
      'if-none-match': fc.constantFrom('"own"', '*', 'W/"x"'),
      'if-modified-since': fc.constant(new Date().toUTCString()),
      range: fc.constant('bytes=0-2'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string>>,
});

/** Some steps of each kind, as most handlers take, of pages above all; or any. */
function scripts({ titles, order, indicesOf }: HandlerServer): fc.Arbitrary<readonly number[]> {
  const one = (kind: Kind, of = /^/): fc.Arbitrary<number> =>
    fc.constantFrom(...indicesOf(kind).filter((index) => of.test(titles[index]!)));
  const some = (step: fc.Arbitrary<number>, maxLength = 1) => fc.array(step, { maxLength });
  const usual: Record<Kind, fc.Arbitrary<number[]>> = {
    status: some(fc.oneof(one('status'), one('status', /20[0-6]|404/))),
    type: some(fc.oneof(one('type'), one('type', /html/i), one('type', /html/i))),
    length: some(one('length')),
    field: some(one('field'), 2),
    body: fc
      .oneof(one('body'), one('body', /web|Response|blob/), one('body', / page/))
      .map((index) => [index]),
    odd: fc.constant([]),
  };
  const any = fc.array(fc.nat(titles.length - 1), { minLength: 1, maxLength: 6 });
  // What comes after a stream is sent mixes with it, in the order of the clock.
  const isMixed = (script: readonly number[]): boolean =>
    script.slice(0, -1).some((step) => /^(?:send|pipe)\(.*(?:stream|Response)/.test(titles[step]!));
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(...order.map((kind) => usual[kind])).map((kinds) => kinds.flat()) },
    { weight: 1, arbitrary: any.filter((script) => !isMixed(script)) },
  );
}

interface Outcome {
  readonly response: RawResponse;
  /** What the app heard of, and what would have ended the process. */
  readonly errors: readonly string[];
  readonly hasDied: boolean;
}

function ask(
  { port, heard }: Played,
  target: string,
  { method, version, headers }: Request,
): Promise<Outcome> {
  const fields = Object.entries({ host: 'a', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const chunks: Buffer[] = [];
  const deaths: string[] = [];
  const socket = connect({ port, host: '127.0.0.1' }, () =>
    socket.write(`${method} ${target} HTTP/${version}\r\n${fields.join('')}\r\n`),
  );
  onFatal = (error) => {
    deaths.push(`ends the process: ${nameOf(error)}`);
    socket.destroy(); // nobody would answer any more
  };
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  return new Promise((resolve) => {
    // What a promise has rejected, the process hears of a turn later.
    socket.on('close', () =>
      setImmediate(() =>
        resolve({
          response: parse(Buffer.concat(chunks), method),
          errors: [...heard.splice(0), ...deaths],
          hasDied: deaths.length > 0,
        }),
      ),
    );
  });
}

const conditions = ['if-none-match', 'if-modified-since', 'range'];

/** Whether an answer may be rewritten: a 304, which has no type, is the answer about a page. */
function mayBePage({ status, header }: RawResponse, isJson: boolean): boolean {
  const type = header('content-type') ?? '';
  return status === 304 || /^text\/html/i.test(type) || (isJson && /json/i.test(type));
}

/** What a rewritten answer may say otherwise. */
const changed: ReadonlySet<string> = new Set(
  `etag cache-control content-length transfer-encoding accept-ranges last-modified link`.split(' '),
);

function headOf({ status, headers }: RawResponse, isPage: boolean): string {
  const kept = headers.filter(
    ([name]) => !/^(?:date|keep-alive)$/.test(name) && !(isPage && changed.has(name)),
  );
  const lines = kept.map(([name, value]) => `${name}: ${isPage ? inOneSpelling(value) : value}`);
  return JSON.stringify([status, ...lines.sort()]);
}

/**
 * Node.js writes a head in UTF-8 where a text comes with it, and in Latin-1 where bytes do, as in most pages. A server writes the type
 * that it gives a text with a space, the Fetch standard without one.
 */
function inOneSpelling(value: string): string {
  const text = Buffer.from(value, 'latin1').toString();
  return (text.includes('\ufffd') ? value : text).replaceAll('; ', ';');
}

function bytesOf(response: RawResponse): string {
  let { body } = response;
  try {
    body = decoded(response);
  } catch {}
  return withoutTokens(body.toString('latin1'));
}

interface Case {
  /** The titles of what the handler does. */
  readonly steps: readonly string[];
  readonly target: string;
  readonly isJson: boolean;
  readonly request: Request;
}

async function differenceOf({ plain, signed }: Playing, given: Case): Promise<string | undefined> {
  const { target, isJson, request } = given;
  const mine = await ask(signed, target, request);
  const asked = await ask(plain, target, request);
  if (!conditions.some((name) => name in request.headers) || request.method === 'POST')
    return differenceOfOutcomes(asked, mine, given);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !conditions.includes(name)),
  );
  const whole = await ask(plain, target, { ...request, headers });
  const difference = differenceOfOutcomes(whole, mine, given);
  // Conditions do not hold for a page, nor where the client wants one. An error page may be that of a body which a 304 leaves out.
  const isPage = mayBePage(whole.response, isJson) && whole.response.status < 400;
  const isWhole = request.headers['accept'] === 'text/html' || isPage;
  return difference && (isWhole ? difference : differenceOfOutcomes(asked, mine, given));
}

function differenceOfOutcomes(
  expected: Outcome,
  mine: Outcome,
  { steps, isJson, request }: Case,
): string | undefined {
  const { response } = expected;
  // Newer versions of Node.js cut the connection off for a page of objects, of which no framework hears: an error page is better.
  const isCutOff = Number.isNaN(response.status);
  if (expected.hasDied || (isCutOff && !mine.hasDied)) return undefined;
  // An app that goes on after its answer makes a mistake. Of a page, the length for HEAD is then gone, the conditions of the request are
  // there again, and Node.js refuses the rest for another reason.
  const goesOn = steps.slice(0, -1).some((title) => /^(?:send|json|end|pipe)\(/.test(title));
  const isPage = mayBePage(response, isJson) || (goesOn && request.method === 'HEAD');
  const errorsOf = ({ errors }: Outcome): string => (goesOn ? '' : errors.join('; '));
  const pairs: readonly (readonly [unknown, unknown])[] = [
    [false, mine.hasDied],
    [errorsOf(expected), errorsOf(mine)],
    [headOf(response, isPage), headOf(mine.response, isPage)],
    [bytesOf(response), bytesOf(mine.response)],
    [false, response.isComplete && !mine.response.isComplete],
  ];
  const [before, after] = pairs.find(([one, other]) => one !== other) ?? [];
  return before === after ? undefined : `${before} became ${after}`;
}

describe.each(handlerServers.map((each) => [each.name, each] as const))('%s', (_name, server) => {
  let playing: Playing;
  beforeAll(async () => {
    playing = await server.listen();
  });
  afterAll(() => playing.close());

  test(`${cases} random handlers and requests get what they get without the middleware`, {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(scripts(server), fc.boolean(), requests, async (script, isJson, request) => {
        const steps = script.map((each) => server.titles[each]!);
        const target = `${isJson ? '/json' : ''}/${script.join('.')}`;
        const difference = await differenceOf(playing, { steps, target, isJson, request });
        const title = `${JSON.stringify(request)}${isJson ? ' with JSON' : ''}: ${steps.join('; ')}`;
        if (difference !== undefined) throw new Error(`${title}: ${difference}`);
      }),
      { numRuns: cases, timeout: 20_000 },
    );
  });
});
