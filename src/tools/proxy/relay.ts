/**
 * Sends the target's answer on: the fields as they came but for those of this hop, and the body as it comes, at the speed of
 * the slower side. The middleware stands in the response's methods.
 */
import type { IncomingMessage, InformationEvent, ServerResponse } from 'node:http';
import { maxPageLength } from '../../caches/page-cache.ts';
import { createHopFilter, fieldsOf, holdsLocation, keepOnProxy } from './fields.ts';
import { trailersOf } from './trailers.ts';

const nothing: Buffer = Buffer.alloc(0);
/** In bytes. */
const maxJoined = 4_096;

/**
 * The fields of an answer that go on, as a list of names and values in turn.
 * @param origin - of the target
 */
function responseFields({ rawHeaders }: IncomingMessage, origin: string): string[] {
  const endsHere = createHopFilter(rawHeaders);
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const value = rawHeaders[index + 1]!;
    const lower = name.toLowerCase();
    if (!endsHere(lower)) kept.push(name, holdsLocation(lower) ? keepOnProxy(lower, value, origin) : value);
  }
  return kept;
}

/** Whether the body came in a transfer coding that Node.js has not decoded: it would go on as garbage. */
export function hasUnknownCoding({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && coding.trim().toLowerCase() !== 'chunked';
}

export function isEventStream({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true;
}

/** How an answer goes on. */
export interface Relay {
  /** Of the target. */
  readonly origin: string;
  /** The middleware may rewrite the body. */
  readonly isPage: boolean;
  /** How long a page whose length is known may wait for its rest, in milliseconds. */
  readonly hold: number;
  /** How long the target may send nothing of the rest, in milliseconds. */
  readonly silence: number;
  /** How long the client may take nothing of what is there for it, in milliseconds. */
  readonly stall: number;
  /** Called if the target has sent nothing for so long. */
  readonly onSilence: () => void;
  /** Called if Node.js does not send a field of the answer; nothing of it has gone out then. */
  readonly onInvalid: () => void;
}

/**
 * @param answer - nothing of its body has been read
 * @param response - destroyed if the answer breaks off
 */
export function relay(answer: IncomingMessage, response: ServerResponse, limits: Relay): void {
  const { origin, isPage, hold, onInvalid } = limits;
  // All that came with the head, at once: a body that is whole needs one write.
  const first = answer.read() as Buffer | null;
  const send = (bytes: Buffer | null, isWhole: boolean): void => {
    try {
      sendOn(answer, response, responseFields(answer, origin), bytes, { isPage, isWhole });
    } catch {
      onInvalid();
    }
  };
  if (isWhole(answer) || !isPage || !isShort(answer)) send(first, isWhole(answer));
  else collect(answer, first, hold, send);
  if (!isWhole(answer) || response.writableLength > 0) limitWaiting(answer, response, limits);
}

function isWhole(answer: IncomingMessage): boolean {
  return answer.complete && answer.readableLength === 0;
}

/** Whether the target has made the whole page already, and it is one that the page cache may know. */
function isShort({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length']) <= maxPageLength;
}

/** Waits for the rest of a body, which is about to come. */
function collect(
  answer: IncomingMessage,
  first: Buffer | null,
  milliseconds: number,
  send: (bytes: Buffer, isWhole: boolean) => void,
): void {
  const chunks = first === null ? [] : [first];
  const add = (chunk: Buffer): void => void chunks.push(chunk);
  const finish = (): void => send(Buffer.concat(chunks), true);
  const timer = setTimeout(() => {
    answer.off('data', add).off('end', finish).pause();
    send(Buffer.concat(chunks), false);
  }, milliseconds);
  answer.on('data', add).once('end', finish);
  answer.once('close', () => clearTimeout(timer));
}

/** How often it is looked whether anything has moved, within the shorter limit. */
const looks = 12;

/**
 * A target that falls silent, or a client that does not read, would keep the connection of the other open for ever. What the
 * client has not taken waits for the client; else all wait for the target. Streams of events are silent as long as they like.
 */
function limitWaiting(
  answer: IncomingMessage,
  response: ServerResponse,
  { silence, stall, onSilence }: Relay,
): void {
  const { socket } = response.req;
  const pause = Math.min(silence, stall) / looks;
  const isEndless = isEventStream(answer);
  let before = position();
  let quiet = 0;
  function position(): { readonly isClients: boolean; readonly at: number } {
    const isClients = response.writableLength > 0;
    // Node.js counts what is still to be written. A target that has begun to answer may still read an upload.
    return {
      isClients,
      at: isClients
        ? socket.bytesWritten - socket.writableLength
        : answer.socket.bytesRead + answer.socket.bytesWritten,
    };
  }
  const timer = setInterval(() => {
    const { isClients, at } = position();
    quiet = isClients === before.isClients && at === before.at ? quiet + pause : 0;
    before = { isClients, at };
    if (isClients && quiet >= stall) response.destroy();
    if (isClients || quiet < silence || isEndless || answer.complete) return;
    clearInterval(timer);
    onSilence();
  }, pause);
  response.once('close', () => clearInterval(timer));
}

/** @throws what Node.js says of a field that it does not send */
function sendOn(
  answer: IncomingMessage,
  response: ServerResponse,
  fields: string[],
  bytes: Buffer | null,
  { isPage, isWhole }: { readonly isPage: boolean; readonly isWhole: boolean },
): void {
  const { statusCode = 0, statusMessage = '' } = answer;
  const sendsTrailers = mayHaveTrailers(answer, response) && !(isWhole && answer.rawTrailers.length === 0);
  const sent = sendsTrailers || answer.headers.trailer === undefined ? fields : withoutTrailer(fields);
  const addTrailers = (): void => {
    const trailers = sendsTrailers ? trailersOf(answer.rawTrailers) : [];
    if (trailers.length > 0) response.addTrailers(trailers);
  };
  // The headers of a page that is whole wait for the body: it gets its new length.
  if (isPage && isWhole && !sendsTrailers) setHead(response, statusCode, statusMessage, sent);
  else response.writeHead(statusCode, statusMessage, sent);
  if (isWhole) {
    addTrailers();
    // Text goes out in one piece with the head, where bytes would make two: that takes a tenth of a small answer's time.
    if (bytes !== null && !isPage && bytes.length <= maxJoined)
      response.end(bytes.toString('latin1'), 'latin1');
    else response.end(bytes ?? undefined);
    answer.resume(); // to its end, which gives the connection back
    return;
  }
  // Nothing may be there yet: then the head goes out alone. `flushHeaders` of Node.js would write Latin-1 in it as UTF-8.
  response.write(bytes ?? nothing);
  answer.once('end', addTrailers);
  answer.pipe(response);
}

/** Several values of a name stand together then, in their order. */
function setHead(response: ServerResponse, status: number, message: string, fields: readonly string[]): void {
  response.statusCode = status;
  response.statusMessage = message;
  for (let index = 0; index < fields.length; index += 2)
    response.appendHeader(fields[index]!, fields[index + 1]!);
}

function withoutTrailer(fields: readonly string[]): string[] {
  return fieldsOf(fields)
    .filter(([name]) => name.toLowerCase() !== 'trailer')
    .flat();
}

/** Node.js refuses `Trailer` without chunks. */
function mayHaveTrailers({ headers, statusCode = 0 }: IncomingMessage, { req }: ServerResponse): boolean {
  const hasBody = req.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  return headers['transfer-encoding'] !== undefined && req.httpVersion === '1.1' && hasBody;
}

/**
 * Sends an interim response on (RFC 9110, 15.2): early hints with their links, and that the target is at work. Hints that Node.js
 * refuses, or that come too late, are left out: nobody depends on them.
 */
export function relayInterim({ statusCode, rawHeaders }: InformationEvent, response: ServerResponse): void {
  if (response.headersSent || response.destroyed || response.req.httpVersion !== '1.1') return;
  if (statusCode === 102) response.writeProcessing();
  if (statusCode !== 103) return;
  const raw = rawHeaders as unknown as string[]; // its declaration is wrong
  const endsHere = createHopFilter(raw);
  const hints: Record<string, string | string[]> = {};
  for (const [name, value] of fieldsOf(raw)) {
    const lower = name.toLowerCase();
    if (lower === 'link') hints['link'] = [...(hints['link'] ?? []), ...splitLinks(value)];
    else if (!endsHere(lower)) hints[lower] = value;
  }
  try {
    response.writeEarlyHints(hints);
  } catch {}
}

/**
 * Node.js takes one link at a time. A comma may stand in a URL or in a quoted text; one that has no end goes to the end of the
 * field, so that nothing is read twice.
 */
export function splitLinks(value: string): string[] {
  const links = value.match(/(?:<[^>]*(?:>|$)|"(?:[^"\\]|\\.|\\$)*(?:"|$)|[^,<"])+/g) ?? [];
  return links.map((link) => link.trim()).filter((link) => link !== '');
}
