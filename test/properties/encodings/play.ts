/** What an app does with a response in a coded case, and what it hears meanwhile. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as immediate } from 'node:timers/promises';
import type { CodedCase, Form } from './coded-case.ts';

/** One body to be sent: the coded one, or the page itself. */
export interface Delivery {
  readonly parts: readonly Buffer[];
  /** Undefined for a body that is not encoded. */
  readonly name: string | undefined;
  /** Whether the last part goes with `end`. */
  readonly endsWithPart: boolean;
}

/** What the app has heard, in order. */
export interface Heard {
  readonly log: string[];
  /** How often something has moved. */
  steps: number;
  /** What a call threw, and what the app waits for right now. */
  thrown: unknown;
  waits: string | undefined;
  /** The callbacks that were given to `write`. */
  readonly given: number[];
}

export function nothingHeard(): Heard {
  return { log: [], steps: 0, thrown: undefined, waits: undefined, given: [] };
}

type SendingResponse = ServerResponse & { send(body: Buffer): void };

const more: Readonly<Record<string, string>> = {
  ETag: '"tag"',
  'Cache-Control': 'public, max-age=31536000',
  'Last-Modified': 'Mon, 21 Sep 2026 10:00:00 GMT',
  'Content-Digest': 'sha-256=:AAAA:',
  Link: '</style.css>; rel=preload; as=style',
  Vary: 'Accept-Encoding',
};

/** Resolves once the response is closed and all that follows from it is over. */
export async function play(
  coded: CodedCase,
  delivery: Delivery,
  response: ServerResponse,
  heard: Heard,
): Promise<void> {
  const closed = once(response, 'close');
  // Node says `finish` of a response that was cut off, too, if it is ended afterwards.
  response.on('finish', () => heard.log.push(response.destroyed ? 'finish of what is cut off' : 'finish'));
  response.on('close', () => heard.log.push('close'));
  response.on('error', (error: NodeJS.ErrnoException) => heard.log.push(`error ${error.code}`));
  const calls = callAll(coded, delivery, response, heard).catch((error) => {
    heard.thrown = error;
    response.destroy();
  });
  await Promise.all([closed, calls]);
  await immediate();
  await immediate(); // for whatever comes twice
}

async function callAll(
  coded: CodedCase,
  { parts, name, endsWithPart }: Delivery,
  response: ServerResponse,
  heard: Heard,
): Promise<void> {
  const isSent = coded.headers === 'send' && 'send' in response && parts.length === 1 && endsWithPart;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  giveHeaders(coded, name, length, response);
  if (isSent) return (response as SendingResponse).send(parts[0]!);
  const written = endsWithPart ? parts.slice(0, -1) : parts;
  for (const [index, part] of written.entries()) await write(coded, response, heard, part, index);
  if (coded.hasTrailers) response.addTrailers({ 'x-sum': '1' });
  const last = endsWithPart ? asGiven(parts.at(-1)!, formOf(coded, parts.length - 1)) : [];
  const callback = coded.hasEndCallback ? [() => heard.log.push('end')] : [];
  response.end(...([...last, ...callback] as []));
}

function giveHeaders(coded: CodedCase, name: string | undefined, length: number, response: ServerResponse) {
  const type = { 'Content-Type': 'text/html; charset=utf-8' };
  const others = {
    ...(name === undefined ? {} : { 'Content-Encoding': name }),
    ...(coded.length === 'none'
      ? {}
      : { 'Content-Length': String(length + (coded.length === 'right' ? 0 : 7)) }),
    ...(coded.isChunked ? { 'Transfer-Encoding': 'chunked' } : {}),
    ...(coded.hasTrailers ? { Trailer: 'X-Sum' } : {}),
    // Express would make a tag of its own from the encoded body.
    ...(coded.hasMore || coded.headers === 'send' ? more : {}),
  };
  const isTypeFirst = coded.headers !== 'coding-first';
  const first = Object.entries(isTypeFirst ? type : others);
  const second = isTypeFirst ? others : type;
  if (coded.headers === 'writeHead') {
    response.writeHead(200, { ...type, ...others });
    return;
  }
  for (const [field, value] of first) response.setHeader(field, value);
  if (coded.headers === 'set' || coded.headers === 'send')
    for (const [field, value] of Object.entries(second)) response.setHeader(field, value);
  else response.writeHead(200, second);
}

async function write(coded: CodedCase, response: ServerResponse, heard: Heard, part: Buffer, index: number) {
  const pause = coded.pauses[index % coded.pauses.length]!;
  const own = Buffer.from(part); // memory of the app's, which nobody else relies on
  const hasCallback = pause === 'callback' || coded.callbacks[index % coded.callbacks.length]!;
  let isHeard: () => void = () => {};
  const called = new Promise<void>((resolve) => {
    isHeard = resolve;
  });
  const callback = (): void => {
    heard.steps += 1;
    heard.log.push(`write ${index}`);
    if (coded.overwrites) own.fill(0x3c);
    isHeard();
  };
  // Node itself forgets a callback that comes after the end of the socket and before `close`.
  const isForgotten = response.socket?.writable === false && !response.destroyed;
  if (hasCallback && !isForgotten) heard.given.push(index);
  const given = [...asGiven(own, formOf(coded, index)), ...(hasCallback ? [callback] : [])];
  heard.steps += 1;
  const isFree = response.write(...(given as [Buffer]));
  heard.waits = `${pause} after part ${index}`;
  if (pause === 'immediate') await immediate();
  if (pause === 'callback' && !isForgotten) await called;
  if (pause === 'drain' && !isFree && !response.destroyed) await drained(response);
  heard.waits = undefined;
}

function formOf({ forms }: CodedCase, index: number): Form {
  return forms[index % forms.length]!;
}

function asGiven(part: Buffer, form: Form): unknown[] {
  if (form === 'buffer') return [part];
  if (form === 'array') return [new Uint8Array(part.buffer, part.byteOffset, part.length), undefined];
  return [part.toString(form), form];
}

/** As `pipe` waits. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
