/** One script, two responses: Node's own, and one with the middleware on it; it compares nothing. */
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { Writable } from 'node:stream';
import { type ImageSignerOptions, imageSigner, type Middleware } from '../../../src/index.ts';
import { base } from '../../support/samples.ts';
import { serve } from '../../support/servers/frameworks.ts';
import type { Mode, Script } from './play-script.ts';
import { type Entry, type Given, loggedHeaders, playScript, Recorder } from './play-script.ts';

export interface Outcome {
  readonly entries: readonly Entry[];
  readonly given: readonly Given[];
  /** All that went out, in latin1, with the clock's dates taken out. */
  readonly raw: string;
  /** Whether the connection served another request. */
  readonly isAlive: boolean;
  /** The request's headers as a log would show them. */
  readonly requestHeaders: string;
}

export interface Pair {
  readonly plain: Outcome;
  readonly patched: Outcome;
}

const optionsOf: Readonly<Record<Mode, object>> = {
  page: {},
  json: { rewrite: { html: true, headers: true, json: true } },
  personal: { authorize: () => true },
  skip: { skip: () => true },
  off: { rewrite: false },
};

const middleware = Object.fromEntries(
  Object.entries(optionsOf).map(([mode, options]) => [
    mode,
    imageSigner({ ...base, ...options } as ImageSignerOptions),
  ]),
) as Record<Mode, Middleware>;

type Played = Pick<Outcome, 'entries' | 'given' | 'requestHeaders'>;

interface Running {
  readonly script: Script;
  readonly isPatched: boolean;
  readonly done: (played: Played) => void;
  readonly failed: (error: unknown) => void;
}

/** Plays scripts over real sockets. */
export interface Differential {
  fight(script: Script): Promise<Pair>;
  close(): Promise<void>;
}

export async function openDifferential(): Promise<Differential> {
  const running = new Map<string, Running>();
  const listener: RequestListener = (request, response) => {
    const { url = '' } = request;
    if (url === '/first') setImmediate(() => response.end('first'));
    else if (url === '/probe') response.setHeader('Connection', 'close').end('probe');
    else play(request, response, running.get(url)!);
  };
  const { port, close } = await serve(listener);
  let count = 0;
  const run = async (script: Script, isPatched: boolean): Promise<Outcome> => {
    const target = `/${count++}`;
    const played = new Promise<Played>((done, failed) =>
      running.set(target, { script, isPatched, done, failed }),
    );
    const [raw, rest] = await Promise.all([
      exchange(port, requestsOf(script, target), isLast(script) ? played : undefined),
      played,
    ]);
    running.delete(target);
    return { ...rest, ...withoutProbe(raw) };
  };
  return {
    close,
    async fight(script) {
      const [plain, patched] = await Promise.all([run(script, false), run(script, true)]);
      return { plain, patched };
    },
  };
}

function play(
  request: IncomingMessage,
  response: ServerResponse,
  { script, isPatched, done, failed }: Running,
): void {
  if (isPatched) middleware[script.mode](request as never, response as never, () => {});
  const recorder = new Recorder(response);
  playScript(recorder, script.calls, response, request).then((requestHeaders) => {
    const { entries, given } = recorder;
    done({ entries, given, requestHeaders });
  }, failed);
}

/** The script's request; before it one that is answered late, after it one that shows whether the connection lives. */
function requestsOf(script: Script, target: string): string {
  const { method, version, headers, isQueued = false } = script;
  const lines = [`${method} ${target} HTTP/${version}`, 'host: a'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const body = method === 'POST' ? 'content-length: 3\r\n\r\na=1' : '\r\n';
  const first = isQueued ? 'GET /first HTTP/1.1\r\nhost: a\r\n\r\n' : '';
  return `${first}${lines.join('\r\n')}\r\n${body}${isLast(script) ? '' : 'GET /probe HTTP/1.1\r\nhost: a\r\n\r\n'}`;
}

/** Whether the client means to send no more: what follows would be an error of its own. */
function isLast({ version, headers }: Script): boolean {
  return version === '1.0' ? headers['connection'] !== 'keep-alive' : headers['connection'] === 'close';
}

/** @param played - after it the client closes, where the app keeps a connection that nobody uses any more */
function exchange(port: number, text: string, played: Promise<unknown> | undefined): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text, 'latin1'));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {}); // cut off: what came counts
    played?.finally(() => socket.end());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

const clockDate = /\r\nDate: \w{3}, \d\d \w{3} (?!2026 10:00:00)\d{4} \d\d:\d\d:\d\d GMT\r\n/g;
const date = '\r\nDate: now\r\n';
const probe = `HTTP/1.1 200 OK\r\nConnection: close${date}Content-Length: 5\r\n\r\nprobe`;
const first = `HTTP/1.1 200 OK${date}Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 5\r\n\r\nfirst`;

function withoutProbe(bytes: string): Pick<Outcome, 'raw' | 'isAlive'> {
  const raw = bytes.replaceAll(clockDate, date).replace(first, '');
  const isAlive = raw.endsWith(probe);
  return { raw: isAlive ? raw.slice(0, -probe.length) : raw, isAlive };
}

/** A script without pauses on responses that have no socket: all of it happens within the call. */
export function fightInMemory(script: Script): Pair {
  return { plain: playInMemory(script, false), patched: playInMemory(script, true) };
}

const nowhere = new Socket();

class Memory extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  flush(): void {
    while (this.writableCorked > 0) this.uncork();
  }
}

function playInMemory({ mode, method, version, headers, isQueued, calls }: Script, isPatched: boolean) {
  const request = new IncomingMessage(nowhere);
  const minor = Number(version.slice(2));
  Object.assign(request, {
    method,
    url: '/',
    httpVersionMajor: 1,
    httpVersionMinor: minor,
    headers: { ...headers },
  });
  const response = new ServerResponse(request);
  const memory = new Memory().on('error', () => {}) as Memory; // what `destroy` was given
  if (!isQueued) response.assignSocket(memory as unknown as Socket);
  if (isPatched) middleware[mode](request as never, response as never, () => {});
  const recorder = new Recorder(response);
  for (const call of calls) recorder.perform(call);
  if (isQueued) response.assignSocket(memory as unknown as Socket);
  // From version 26 on a response keeps chunks back for a tick, which there is none of here.
  for (let left = response.writableCorked; left > 0; left--) response.uncork();
  memory.flush();
  const raw = Buffer.concat(memory.chunks).toString('latin1').replaceAll(clockDate, date);
  // What happens in later turns of the loop is not this table's, nor is `drain`, which comes at once from Node alone.
  const entries = recorder.entries.filter(({ name }) => name !== 'drain');
  const requestHeaders = loggedHeaders(request, response);
  return { entries, given: recorder.given, raw, isAlive: response.shouldKeepAlive, requestHeaders };
}
