/** Plays a script on a response, and writes down what an app would notice: answers, throws, callbacks, events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as immediate } from 'node:timers/promises';

/** Stands for a callback in a script's arguments. */
export const callback: unique symbol = Symbol('callback');

/** A method and its arguments; or `['get', property]`, `['set', property, value]`, `['pause', <what for>]`. */
export type Call = readonly [name: string, ...args: unknown[]];

/** `page` and `json` rewrite, `personal` does so with `authorize`; `skip` and `off` rewrite nothing. */
export type Mode = 'page' | 'json' | 'personal' | 'skip' | 'off';

export interface Script {
  readonly mode: Mode;
  readonly method: string;
  readonly version: '1.0' | '1.1';
  readonly headers: Readonly<Record<string, string>>;
  /** The response waits for an earlier one on its connection. */
  readonly isQueued?: boolean;
  readonly calls: readonly Call[];
}

/** The arguments for one play: nothing is shared with another one. */
function fresh(value: unknown, makeCallback: () => unknown): unknown {
  if (value === callback) return makeCallback();
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value instanceof Map)
    return new Map([...value].map((entry) => fresh(entry, makeCallback) as [string, unknown]));
  if (value instanceof Headers) return new Headers([...value]);
  if (Array.isArray(value)) return value.map((each) => fresh(each, makeCallback));
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fresh(each, makeCallback)]));
}

/** A value as source. */
export function literal(value: unknown): string {
  if (value === callback || typeof value === 'function') return 'callback';
  if (Buffer.isBuffer(value)) return `Buffer.from(${literal(value.toString('latin1'))}, 'latin1')`;
  if (value instanceof Uint8Array) return `new Uint8Array(${literal(Buffer.from(value))})`;
  if (value instanceof Map) return `new Map(${literal([...value])})`;
  if (value instanceof Headers) return `new Headers(${literal([...value])})`;
  if (value instanceof Error) return `new Error(${literal(value.message)})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each)}`);
    return `{ ${entries.join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const unit = value.slice(0, value.indexOf('\n') + 1);
  const times = unit === '' ? 0 : Math.floor(value.length / unit.length);
  const isRepeated = times > 1 && value === unit.repeat(times);
  return isRepeated ? `${JSON.stringify(unit)}.repeat(${times})` : JSON.stringify(value);
}

export interface Entry {
  readonly kind: 'call' | 'event';
  /** The method, or the property that was read. */
  readonly name: string;
  readonly outcome: string;
  /** Whether the headers were out before. */
  readonly isAfterHead: boolean;
}

/** An argument that could be written to, as source. */
export interface Given {
  readonly before: string;
  readonly after: string;
}

const events: readonly string[] = ['prefinish', 'finish', 'close', 'error', 'drain'];

export class Recorder {
  readonly entries: Entry[] = [];
  readonly #response: ServerResponse;
  readonly #given: { readonly value: unknown; readonly before: string }[] = [];
  #callbacks = 0;
  #waiting = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    for (const name of events)
      response.on(name, (error?: unknown) => this.#add('event', name, name === 'error' ? codeOf(error) : ''));
  }

  /** An app's own lists are not to be written to. */
  get given(): readonly Given[] {
    return this.#given.map(({ value, before }) => ({ before, after: literal(value) }));
  }

  perform([name, ...args]: Call): void {
    const isAfterHead = this.#response.headersSent;
    const before = this.#waiting;
    const own = args.map((each) => fresh(each, () => this.#callback()));
    for (const value of own.filter(isWritable)) this.#given.push({ value, before: literal(value) });
    let outcome: string;
    try {
      outcome = this.#describe(this.#run(name, own));
    } catch (error) {
      outcome = `throws ${codeOf(error)}: ${(error as Error).message}`;
      this.#waiting = before;
    }
    this.#add('call', name === 'get' || name === 'set' ? String(args[0]) : name, outcome, isAfterHead);
  }

  /** A pause ends with what it waits for, or after some turns of the loop: a corked response calls nobody back. */
  async pause(until: unknown): Promise<void> {
    const isOver = (): boolean => {
      if (until === 'callback') return this.#waiting <= 0;
      return until !== 'drain' || !this.#response.writableNeedDrain;
    };
    await immediate();
    for (let turn = 0; turn < 10 && !isOver(); turn++) await immediate();
  }

  #run(name: string, args: unknown[]): unknown {
    const response = this.#response as unknown as Record<string, unknown>;
    const [property, value] = args as [string, unknown];
    if (name === 'get') return response[property];
    if (name === 'set') {
      response[property] = value;
      return;
    }
    return (response[name] as (...args: unknown[]) => unknown)(...args);
  }

  #describe(answer: unknown): string {
    return answer === this.#response ? 'this' : literal(answer);
  }

  #callback(): (error?: unknown) => void {
    const number = this.#callbacks++;
    this.#waiting++;
    return (error) => {
      this.#waiting--;
      this.#add('event', `callback ${number}`, error === undefined || error === null ? '' : codeOf(error));
    };
  }

  #add(kind: Entry['kind'], name: string, outcome: string, isAfterHead = this.#response.headersSent): void {
    this.entries.push({ kind, name, outcome, isAfterHead });
  }
}

/** Plays to the end, and lets go of the response: one that is not ended is cut off. */
export async function playScript(
  recorder: Recorder,
  calls: readonly Call[],
  response: ServerResponse,
  request: IncomingMessage,
): Promise<string> {
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  for (const call of calls) {
    if (call[0] === 'pause') await recorder.pause(call[1]);
    else recorder.perform(call);
  }
  // A cork that is left in would stop the connection for good.
  for (let left = response.writableCorked; left > 0; left--) response.uncork();
  while (request.socket.writableCorked > 0) request.socket.uncork();
  if (!response.writableEnded) {
    await immediate();
    response.destroy();
  }
  await closed;
  await immediate(); // callbacks of calls after the close are put off by a tick
  return loggedHeaders(request, response);
}

function isWritable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

/** What a log shows of the request once the response's headers are out. */
export function loggedHeaders(request: IncomingMessage, response: ServerResponse): string {
  return response.headersSent ? JSON.stringify(Object.entries(request.headers).toSorted()) : '';
}

function codeOf(error: unknown): string {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  return code ?? `${name} ${message}`;
}
