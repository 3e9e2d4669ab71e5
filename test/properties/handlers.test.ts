/** Whatever a handler does to its answer, status and bytes are those without the middleware, but for tokens in pages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HandlerServer, handlerServers, type Playing } from '../support/handler-servers.ts';
import { randomFrom } from '../support/random.ts';
import { type RawResponse, send } from '../support/raw.ts';
import { withoutTokens } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';

const scripts = atLength(600);
const atOnce = 20;

interface Case {
  readonly method: string;
  readonly json: boolean;
  readonly script: readonly number[];
}

/** What a rewritten answer may say otherwise. */
const changed: ReadonlySet<string> = new Set(
  `date etag cache-control content-length transfer-encoding accept-ranges last-modified link`.split(' '),
);

function headersOf({ headers }: RawResponse, isPage: boolean): string {
  const kept = headers.filter(([name]) => name !== 'date' && !(isPage && changed.has(name)));
  // A server writes the type that it gives a text with a space, the Fetch standard without one: it is the same type.
  const spelled = (name: string, value: string): string =>
    name === 'content-type' ? value.replaceAll('; ', ';') : value;
  return JSON.stringify(kept.map(([name, value]) => `${name}: ${spelled(name, value)}`).sort());
}

/** Whether an answer may be rewritten: a 304, which has no type, is the answer about a page. */
function mayBePage({ status, header }: RawResponse, json: boolean): boolean {
  const type = header('content-type') ?? '';
  return status === 304 || /text\/html/i.test(type) || (json && /json/i.test(type));
}

const bytesOf = ({ body }: RawResponse): string => withoutTokens(body.toString('latin1'));

async function differenceOf(
  { plain, signed, targetOf, hasSigned }: Playing,
  each: Case,
  titles: readonly string[],
): Promise<string | undefined> {
  const target = `${each.json ? '/json' : ''}${targetOf(each.script)}`;
  const [without, withUs] = await Promise.all(
    [plain, signed].map((port) => send(port, target, { method: each.method })),
  );
  // There is no status where the connection was cut off.
  if (!Object.is(without!.status, withUs!.status)) return `${without!.status} became ${withUs!.status}`;
  // An app that sends twice makes a mistake. Where the first was a page, the length that it had for HEAD is gone.
  const sendsTwice = each.script.filter((step) => titles[step]!.startsWith('send(')).length > 1;
  // No cache may keep an answer with a signed image for long, whatever its type is.
  const isPage =
    mayBePage(without!, each.json) ||
    hasSigned(each.script) ||
    (sendsTwice && each.method === 'HEAD') ||
    // Where the server of Hono guesses the type, the body is asked for its own: a length then stands where chunks would.
    without!.header('content-type') === 'text/plain; charset=UTF-8';
  if (headersOf(without!, isPage) !== headersOf(withUs!, isPage))
    return `${headersOf(without!, isPage)} became ${headersOf(withUs!, isPage)}`;
  if (bytesOf(without!) !== bytesOf(withUs!)) return `${bytesOf(without!)} became ${bytesOf(withUs!)}`;
  if (without!.isComplete && !withUs!.isComplete) return 'the end is missing';
  return undefined;
}

function randomCase(server: HandlerServer, start: number): Case {
  const random = randomFrom(start);
  const below = (count: number): number => Math.floor(random() * count);
  const anyStep = (): number => below(server.titles.length);
  const pages = [...server.titles.keys()].filter((index) => /a page|text\/html/.test(server.titles[index]!));
  const script = Array.from({ length: 1 + below(6) }, () =>
    random() < 0.3 ? pages[below(pages.length)]! : anyStep(),
  );
  return { method: ['GET', 'GET', 'HEAD', 'POST'][below(4)]!, json: random() < 0.4, script };
}

/** The same case with as few steps as show the difference. */
async function smallest(playing: Playing, found: Case, titles: readonly string[]): Promise<Case> {
  for (let at = 0; at < found.script.length; at++) {
    const shorter = { ...found, script: found.script.toSpliced(at, 1) };
    if ((await differenceOf(playing, shorter, titles)) !== undefined)
      return smallest(playing, shorter, titles);
  }
  return found;
}

describe.each(handlerServers.map((each) => [each.name, each] as const))('%s', (_name, server) => {
  let playing: Playing;
  beforeAll(async () => {
    playing = await server.listen();
  });
  afterAll(() => playing.close());

  test(`${scripts} random handlers get the status, and the answer, that they get without the middleware`, {
    timeout: 120_000,
  }, async () => {
    for (let at = 0; at < scripts; at += atOnce) {
      const cases = Array.from({ length: atOnce }, (_, index) => randomCase(server, seed + at + index));
      const differences = await Promise.all(cases.map((each) => differenceOf(playing, each, server.titles)));
      const index = differences.findIndex((each) => each !== undefined);
      if (index < 0) continue;
      const { method, json, script } = await smallest(playing, cases[index]!, server.titles);
      const steps = script.map((each) => server.titles[each]);
      expect.fail(
        `${method}${json ? ' with JSON' : ''}: ${steps.join('; ')}: ${await differenceOf(playing, { method, json, script }, server.titles)}`,
      );
    }
  });
});
