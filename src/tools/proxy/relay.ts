/**
 * Relays the target's answer: its fields, except those of this hop, and its body as it arrives, at the speed of the slower
 * side. The middleware acts through the response's methods.
 */
import type { IncomingMessage, InformationEvent, ServerResponse } from 'node:http';
import { maxPageLength } from '../../caches/page-cache.ts';
import { createHopFilter, fieldsOf, holdsLocation, keepOnProxy } from './fields.ts';
import { trailersOf } from './trailers.ts';

const nothing: Buffer = Buffer.alloc(0);
/** In bytes. */
const maxJoined = 4_096;

/**
 * The fields of an answer that are relayed, as names and values in turn.
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

/** Whether Node.js has not decoded the transfer coding of the body, which would be relayed as garbage. */
export function hasUnknownCoding({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && coding.trim().toLowerCase() !== 'chunked';
}

export function isEventStream({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true;
}

/** How an answer is relayed. */
export interface Relay {
  /** Of the target. */
  readonly origin: string;
  /** The middleware may rewrite the body. */
  readonly isPage: boolean;
  /** How long a page of known length may wait for its rest, in milliseconds. */
  readonly hold: number;
  /** How long the target may pause within the rest, in milliseconds. */
  readonly silence: number;
  /** How long the client may leave waiting bytes unread, in milliseconds. */
  readonly stall: number;
  /** Called when the target has been silent that long. */
  readonly onSilence: () => void;
  /** Called if Node.js refuses a field of the answer, before anything of it is sent. */
  readonly onInvalid: () => void;
}

/**
 * @param answer - its body has not been read
 * @param response - destroyed if the answer is incomplete
 */
export function relay(answer: IncomingMessage, response: ServerResponse, limits: Relay): void {
  const { origin, isPage, hold, onInvalid } = limits;
  // Everything that arrived with the head, at once: a whole body needs one write.
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

/** Whether the target has already made the whole page, and the page cache may know it. */
function isShort({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length']) <= maxPageLength;
}

/** Waits for the rest of a body, which is about to arrive. */
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

/** The number of checks for progress within the shorter limit. */
const looks = 12;

/**
 * A silent target, or a client that does not read, would keep the other's connection open forever. While bytes wait for the
 * client, the client's limit applies; otherwise the target's. Event streams may be silent as long as they like.
 */
function limitWaiting(
  answer: IncomingMessage,
  response: ServerResponse,
  { silence, stall, onSilence }: Relay,
): void {
  const { socket } = response.req;
  const { socket: targetSocket } = answer; // a complete answer has none
  const pause = Math.min(silence, stall) / looks;
  const isEndless = isEventStream(answer);
  let before = position();
  let quiet = 0;
  function position(): { readonly isClients: boolean; readonly at: number } {
    const isClients = response.writableLength > 0;
    // `bytesWritten` includes bytes that are still queued. A target that has begun to answer may still read an upload.
    return {
      isClients,
      at: isClients
        ? socket.bytesWritten - socket.writableLength
        : targetSocket.bytesRead + targetSocket.bytesWritten,
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

/** @throws the error of Node.js for a field that it refuses */
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
  // The headers of a whole page wait for the body, which gets a new length.
  if (isPage && isWhole && !sendsTrailers) setHead(response, statusCode, statusMessage, sent);
  else response.writeHead(statusCode, statusMessage, sent);
  if (isWhole) {
    addTrailers();
    // Node.js sends text in one piece with the head, but bytes in two, which costs a tenth of a small answer's time.
    if (bytes !== null && !isPage && bytes.length <= maxJoined)
      response.end(bytes.toString('latin1'), 'latin1');
    else response.end(bytes ?? undefined);
    answer.resume(); // to its end, which returns the connection to the agent
    return;
  }
  // Without bytes, this sends only the head. `flushHeaders` of Node.js would write its Latin-1 as UTF-8.
  response.write(bytes ?? nothing);
  answer.once('end', addTrailers);
  answer.pipe(response);
}

/** Groups several values of a name, in their order. */
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

/** Node.js refuses `Trailer` without chunked framing. */
function mayHaveTrailers({ headers, statusCode = 0 }: IncomingMessage, { req }: ServerResponse): boolean {
  const hasBody = req.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  return headers['transfer-encoding'] !== undefined && req.httpVersion === '1.1' && hasBody;
}

/**
 * Relays an interim response (RFC 9110, 15.2): early hints with their links, and `102 Processing`. Hints that Node.js refuses,
 * or that come too late, are dropped: nobody depends on them.
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
 * Node.js takes one link at a time. A comma may be part of a URL or a quoted text; one without an end extends to the end of
 * the field, so that nothing is read twice.
 */
export function splitLinks(value: string): string[] {
  const links = value.match(/(?:<[^>]*(?:>|$)|"(?:[^"\\]|\\.|\\$)*(?:"|$)|[^,<"])+/g) ?? [];
  return links.map((link) => link.trim()).filter((link) => link !== '');
}
