/** Plays a case of neighbours without us and with us, and says what the second site did that it should not. Longer than most files: a page is sent in sixteen ways. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import express from 'express';
import express4 from 'express4';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { type RawResponse, send } from '../../support/http/raw.ts';
import { base, type Clock, clockAt, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { serve } from '../../support/servers/frameworks.ts';
import type { NeighbourCase, PageKind, Way } from './neighbour-case.ts';
import { type Mountable, neighbourOf, type Sighting } from './neighbours.ts';

const text = '<p>text</p>'.repeat(20);
const images = `<!DOCTYPE html><title>x</title></head><body><img src="${url()}">${text}<img srcset="${url('thumb')} 1x, ${url('card')} 2x">`;
export const pages: Readonly<Record<PageKind, string>> = {
  images: `${images}<p>é</p></body></html>`,
  plain: `<!DOCTYPE html><title>x</title></head><body>${text}</body></html>`,
  empty: '',
  open: `${images}<img alt="x" src="${url()}`,
};

const appTag = '"app"';
const year = 'public, max-age=31536000';
/** Half of the ttl. */
const longest = 43_200;

interface Answers {
  /** A page; again; for a client that has it; and for the same one a day after. */
  readonly responses: readonly RawResponse[];
  /** Which of them have come to us. */
  readonly reached: readonly boolean[];
  readonly sightings: readonly (Sighting & { readonly isBeforeUs: boolean })[];
  /** A neighbour has taken our methods off within a page, which was told. */
  readonly wasInterrupted: boolean;
}

/** Sends the head itself, as the responses of mocks do: nobody hears of it by `writeHead`. */
class OwnResponse extends ServerResponse {
  override write(...args: unknown[]): boolean {
    this.#sendHead();
    return (super.write as (...each: unknown[]) => boolean)(...args);
  }

  override end(...args: unknown[]): this {
    this.#sendHead();
    return (super.end as (...each: unknown[]) => this)(...args);
  }

  #sendHead(): void {
    if (!this.headersSent) super.writeHead(this.statusCode);
  }
}

export interface NeighbourArena {
  /** @returns undefined where all is as it should be, and `skipped` where it is not so without us */
  faultOf(given: NeighbourCase): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function openNeighbourArena(): Promise<NeighbourArena> {
  const sites = new Map<string, RequestListener>();
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  for (const [name, page] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), page);
  const listener: RequestListener = (request, response) => {
    try {
      sites.get(request.headers.host!)!(request, response);
    } catch {
      response.destroy(); // told by what does not arrive
    }
  };
  const site = await serve(listener);
  const ownSite = await serve(listener, { ServerResponse: OwnResponse as typeof ServerResponse });
  let count = 0;

  const play = async (given: NeighbourCase, hasUs: boolean): Promise<Answers> => {
    const host = `site-${count++}`;
    const clock = clockAt();
    const sightings: (Sighting & { isBeforeUs: boolean })[] = [];
    let hasReached = false;
    let wasInterrupted = false;
    const report = ({ reason }: { readonly reason?: string }): void => {
      wasInterrupted ||= reason === 'interrupted';
    };
    const reach = (): void => {
      hasReached = true;
    };
    const mounts = mountsOf(given, hasUs ? clock : undefined, report, reach, (seen) => sightings.push(seen));
    sites.set(host, siteOf(given, mounts, folder));
    const responses: RawResponse[] = [];
    const reached: boolean[] = [];
    const ask = async (tag?: string): Promise<RawResponse> => {
      hasReached = false;
      const { port } = given.server === 'node:http with its own class' ? ownSite : site;
      const headers = { host, accept: given.accept, ...(tag === undefined ? {} : { 'if-none-match': tag }) };
      const asked = send(port, '/', { method: given.isHead ? 'HEAD' : 'GET', headers });
      const response = await within(60_000, asked);
      responses.push(response);
      reached.push(hasReached);
      return response;
    };
    try {
      const first = await ask();
      await ask();
      await ask(first.header('etag') ?? '"none"');
      clock.advance(86_400);
      await ask(first.header('etag') ?? '"none"');
    } finally {
      sites.delete(host);
    }
    return { responses, reached, sightings, wasInterrupted };
  };

  return {
    async faultOf(given) {
      const plain = await play(given, false);
      if (!isRightByItself(given, plain)) return 'skipped';
      return faultOf(given, plain, await play(given, true));
    },
    async close() {
      await Promise.all([site.close(), ownSite.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param clock - that of ours, where we are there at all */
function mountsOf(
  { order, isPersonal }: NeighbourCase,
  clock: Clock | undefined,
  report: (event: { readonly reason?: string }) => void,
  reach: () => void,
  sighted: (sighting: Sighting & { isBeforeUs: boolean }) => void,
): Mountable[] {
  const first = order.indexOf('ours');
  return order.flatMap((each, at): Mountable[] => {
    if (each !== 'ours')
      return [neighbourOf(each, `<!--${at}-->`, (seen) => sighted({ ...seen, isBeforeUs: at < first }))];
    if (clock === undefined) return [];
    const options = {
      ...base,
      now: clock,
      report,
      ...(isPersonal ? { authorize: () => true } : {}),
    };
    const ours = imageSigner(options as ImageSignerOptions) as unknown as Mountable;
    return [
      (request, response, next) => {
        reach();
        ours(request, response, next);
      },
    ];
  });
}

/** A response that does not end is told after a while. */
function within<T>(milliseconds: number, asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no end comes')), milliseconds);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function siteOf(given: NeighbourCase, mounts: readonly Mountable[], folder: string): RequestListener {
  const handler = (request: IncomingMessage, response: ServerResponse): void =>
    answer(given, folder, request, response);
  if (!given.server.startsWith('Express'))
    return (request, response) => {
      const run = (at: number): void => {
        const mount = mounts[at];
        if (mount === undefined) handler(request, response);
        else mount(request, response, () => run(at + 1));
      };
      run(0);
    };
  const app = given.server === 'Express 4' ? (express4() as unknown as express.Express) : express();
  app.set('env', 'test'); // what it throws is not printed
  for (const mount of mounts) app.use(mount as never);
  app.use(handler as never);
  return app;
}

/** The app: it has a tag of its own, a date, and a lifetime of a year. */
function answer(
  { way, page: kind }: NeighbourCase,
  folder: string,
  request: IncomingMessage,
  bare: ServerResponse,
): void {
  const response = bare as express.Response;
  const page = pages[kind];
  const size = Buffer.byteLength(page);
  const parts = (page.match(/.{1,67}/gsu) ?? []).map((part) => Buffer.from(part));
  const date = new Date(0).toUTCString();
  if (way === 'res.send' || way === 'res.send of bytes') {
    response.set('Cache-Control', year).set('Last-Modified', date).type('html');
    response.send(way === 'res.send' ? page : Buffer.from(page));
    return;
  }
  if (way === 'sendFile') return response.sendFile(join(folder, `${kind}.html`), { maxAge: '1y' });
  const { 'if-none-match': tags = '' } = request.headers;
  if (tags.includes(appTag)) {
    response.setHeader('Cache-Control', year);
    response.setHeader('ETag', appTag);
    response.statusCode = 304;
    response.end();
    return;
  }
  const fields = { 'Cache-Control': year, 'Last-Modified': date, ETag: appTag };
  if (way === 'writeHead with all, end') {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': size, ...fields });
    response.end(page);
    return;
  }
  response.setHeader('Content-Type', 'text/html');
  for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
  sendBy(way, response, page, parts, size);
}

function sendBy(way: Way, response: ServerResponse, page: string, parts: readonly Buffer[], size: number) {
  const hideLength = (): void => {
    const hidden = response as unknown as { _contentLength: number | null; _hasBody: boolean };
    if (hidden._hasBody && hidden._contentLength === null && !response.hasHeader('content-length'))
      hidden._contentLength = size;
  };
  if (way === 'writeHead with a length, end') response.writeHead(200, { 'Content-Length': size });
  if (way === 'end with a length' || way === 'write, end with a length')
    response.setHeader('Content-Length', size);
  if (way.startsWith('hidden')) hideLength();
  if (way === 'writeHead, end' || way === 'hidden length, end') response.writeHead(200);
  if (way === 'flushHeaders, writes') response.flushHeaders();
  if (way === 'pipe') {
    Readable.from(parts).pipe(response);
    return;
  }
  if (way === 'writes, each after the last') {
    const next = (at: number): void => {
      if (at === parts.length) response.end();
      else response.write(parts[at], () => next(at + 1));
    };
    next(0);
  } else if (way === 'writes' || way === 'flushHeaders, writes') {
    for (const part of parts) response.write(part);
    response.end();
  } else if (way.startsWith('write, end') || way === 'hidden length, write') {
    if (parts.length > 0) response.write(parts[0]!);
    response.end(Buffer.concat(parts.slice(1)));
  } else response.end(page);
}

function isRightByItself({ isHead, order }: NeighbourCase, { responses, sightings }: Answers): boolean {
  const page = responses[0]!.text;
  // One that adds nothing has not seen, for its neighbours, that this is a page: who knows what it does with us.
  const hasAdded = (each: NeighbourCase['order'][number], at: number): boolean =>
    each === 'ours' || (each.kind !== 'inject' && each.kind !== 'append') || page.includes(`<!--${at}-->`);
  return (
    responses.every((each) => each.isComplete && (each.status === 200 || each.status === 304)) &&
    responses.slice(0, 2).every((each) => each.status === 200) &&
    responses.every((each) => isHead || each.status !== 200 || each.text === page) &&
    (page === '' || order.every(hasAdded)) &&
    sightings.every(hasRightLength)
  );
}

function hasRightLength({ headers, body }: Sighting): boolean {
  const length = headers['content-length'];
  return length === undefined || Number(length) === body.length;
}

function faultOf(given: NeighbourCase, plain: Answers, mine: Answers): string | undefined {
  for (const [at, response] of mine.responses.entries()) {
    const fault = faultOfResponse(given, plain.responses, mine, response, at);
    if (fault !== undefined) return `request ${at}: ${fault}`;
  }
  for (const seen of mine.sightings) {
    if (!hasRightLength(seen))
      return `a cache keeps ${seen.body.length} bytes as ${seen.headers['content-length']}`;
    const fault = seen.isBeforeUs ? faultOfFields(given, (name) => joined(seen.headers[name])) : undefined;
    if (fault !== undefined) return `a cache keeps ${fault}`;
  }
  return undefined;
}

function faultOfResponse(
  given: NeighbourCase,
  plain: readonly RawResponse[],
  { responses, reached, wasInterrupted }: Answers,
  response: RawResponse,
  at: number,
): string | undefined {
  const { status, header, body, isComplete } = response;
  if (!isComplete) return `${body.length} bytes of ${header('content-length')}`;
  if (status === 304) {
    if (body.length > 0) return 'a body with 304';
    if (at < 2) return '304 to a client that has nothing';
    if (at === 3 && reached[at]) return '304 after the tokens have changed';
    if (given.isPersonal) return '304 to one viewer of many';
    // A neighbour may give a tag of its own to a 304 alone.
    const isSameTag = plain[at]!.status !== 304 || plain[at]!.header('etag') === plain[0]!.header('etag');
    if (reached[at] && isSameTag && header('etag') !== responses[0]!.header('etag'))
      return `304 for ${header('etag')}`;
    return reached[at] ? faultOfFields(given, header) : undefined;
  }
  if (status !== 200) return `status ${status}`;
  if (given.isHead) return body.length > 0 ? 'a body to HEAD' : undefined;
  if (plain[0]!.header('content-type') === undefined) return undefined; // a neighbour has swallowed it: no page
  // What a cache before us gives out is what it has kept.
  if (!reached[at]) {
    const isSame = response.text === responses[0]!.text;
    const { order } = given;
    const isAsKept = !order
      .slice(0, order.indexOf('ours'))
      .some((each) => each !== 'ours' && 'field' in each);
    return isSame ? (isAsKept ? faultOfFields(given, header) : undefined) : 'another page';
  }
  return (
    faultOfText(given, plain[0]!.text, response.text, at, wasInterrupted) ??
    faultOfFields(given, header, isUnseen(given))
  );
}

function faultOfText(given: NeighbourCase, plain: string, mine: string, at: number, wasInterrupted: boolean) {
  if (withoutTokens(mine) !== plain)
    return `the page ${JSON.stringify(mine)} instead of ${JSON.stringify(plain)}`;
  if (isUnseen(given) || wasInterrupted) return undefined;
  const now = base.now!() + (at === 3 ? 86_400_000 : 0);
  const expected = signerWith({ now: () => now }).rewriteHtml(given.page === 'open' ? pages.open : plain);
  return mine.startsWith(expected)
    ? undefined
    : `tokens ${JSON.stringify(mine)} instead of ${JSON.stringify(expected)}`;
}

/**
 * Where the body goes past us, whole and as it was: a neighbour after us keeps back the head that alone names the type,
 * and calls the `end` that it has found; or it takes our methods off, with those of one that stands between.
 */
function isUnseen({ way, order }: NeighbourCase): boolean {
  const after = order.slice(order.indexOf('ours') + 1).filter((each) => each !== 'ours');
  const isInHeadAlone =
    way === 'writeHead with all, end' ||
    after.some((each) => each.kind === 'cache' && each.replays === 'writeHead');
  const isKeptBack = after.some(
    (each) => each.kind === 'defer' || (each.kind === 'inject' && each.head === 'defers'),
  );
  const isTakenOff =
    after.length > 1 && after.some((each) => each.kind === 'restore' && each.at === 'writeHead');
  return (isInHeadAlone && isKeptBack) || isTakenOff;
}

function faultOfFields(
  { isPersonal }: NeighbourCase,
  header: (name: string) => string | undefined,
  isUnseen = false,
): string | undefined {
  const [tag, cacheControl = ''] = [header('etag'), header('cache-control')];
  if (isUnseen) return undefined;
  if (isPersonal && tag !== undefined) return `the tag ${tag} for one viewer`;
  if (tag !== undefined && !/^W\/".*-is\.[0-9a-f]{24}"$/.test(tag)) return `the tag ${tag}`;
  if (header('last-modified') !== undefined) return 'the date of the old body';
  const lives = [...cacheControl.matchAll(/max-age=(\d+)/g)].map(([, seconds]) => Number(seconds));
  if (lives.some((life) => life > longest) || !/max-age|no-cache|no-store/.test(cacheControl))
    return `Cache-Control: ${cacheControl}`;
  return isPersonal && !/private/.test(cacheControl)
    ? `Cache-Control: ${cacheControl} for one viewer`
    : undefined;
}

function joined(value: number | string | readonly string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
