/**
 * The visitors of the soak: each has one connection, asks one thing after another, and looks at every answer that it
 * stays for. Two in three leave in the middle, as often as makes three in ten of all requests; the others keep their
 * connection to the end.
 */
import { KeepAliveConnection } from './keep-alive.ts';
import { randomFrom } from './random.ts';
import type { RawResponse } from './raw.ts';
import { prefixes, type Route, routes } from './soak-pages.ts';

const visitors = 16;
const aborts = 0.3;
const heads = 0.08;
const conditionals = 0.25;

/** @returns what is wrong with a complete answer */
export type Check = (route: Route, method: string, response: RawResponse) => string | undefined;

export class Visitors {
  readonly counts = { requests: 0, aborted: 0, heads: 0, notModified: 0 };
  readonly #port: number;
  readonly #random: () => number;
  readonly #check: Check;
  readonly #onProblem: (problem: string) => void;
  /** By target and accepted coding. */
  readonly #tags = new Map<string, string>();
  readonly #sizes = new Map<string, number>();
  readonly #connections = new Set<KeepAliveConnection>();
  /** By visitor, between two spells; undefined where there is none. */
  #idle: (KeepAliveConnection | undefined)[] = Array.from({ length: visitors }, () => undefined);
  #isPaused = true;

  constructor(port: number, seed: number, check: Check, onProblem: (problem: string) => void) {
    this.#port = port;
    this.#random = randomFrom(seed);
    this.#check = check;
    this.#onProblem = onProblem;
  }

  /** @returns once all have come to rest: how many connections are open then */
  async visitFor(milliseconds: number): Promise<number> {
    this.#isPaused = false;
    setTimeout(() => {
      this.#isPaused = true;
    }, milliseconds);
    this.#idle = await Promise.all(this.#idle.map((connection, index) => this.#visit(connection, index)));
    return this.#idle.filter((connection) => connection?.isOpen === true).length;
  }

  close(): void {
    this.#isPaused = true;
    for (const connection of this.#connections) connection.close();
  }

  async #visit(
    connection: KeepAliveConnection | undefined,
    visitor: number,
  ): Promise<KeepAliveConnection | undefined> {
    while (!this.#isPaused) {
      if (connection?.isOpen !== true) {
        if (connection !== undefined) this.#connections.delete(connection);
        connection = await KeepAliveConnection.open(this.#port);
        this.#connections.add(connection);
      }
      try {
        await this.#ask(connection, visitor % 3 === 0);
      } catch (error) {
        this.#onProblem(`visitor: ${String(error)}`);
        connection.close();
      }
    }
    return connection;
  }

  async #ask(connection: KeepAliveConnection, isPatient: boolean): Promise<void> {
    const route = this.#pick(routes);
    const target = `${this.#pick(prefixes)}${route.path}`;
    const coding = this.#pick(['gzip', 'br', 'identity']);
    const method = this.#random() < heads ? 'HEAD' : 'GET';
    const name = `${target} ${coding}`;
    const tag = this.#random() < conditionals ? this.#tags.get(name) : undefined;
    const isLeft = !isPatient && this.counts.aborted < aborts * this.counts.requests;
    const size = this.#sizes.get(`${method} ${name}`) ?? route.body.length;
    const answer = await connection.send({
      text: requestText(method, target, coding, tag),
      method,
      abortAfter: isLeft ? Math.floor(this.#random() * size) : undefined,
    });
    this.counts.requests++;
    if (answer === undefined) {
      this.counts.aborted++;
      return;
    }
    const { raw, response } = answer;
    if (method === 'HEAD') this.counts.heads++;
    const wrong = response.status === 304 ? wrongIn304(response, tag) : this.#check(route, method, response);
    if (wrong !== undefined) this.#onProblem(`${method} ${name}: ${wrong}`);
    if (response.status === 304) this.counts.notModified++;
    if (response.status !== 200) return;
    this.#sizes.set(`${method} ${name}`, raw.length);
    const sent = response.header('etag');
    if (sent !== undefined) this.#tags.set(name, sent);
    else if (route.isTagged) this.#onProblem(`${method} ${name}: no entity tag`);
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }
}

function wrongIn304(response: RawResponse, tag: string | undefined): string | undefined {
  if (tag === undefined) return '304 to a request without a condition';
  return response.header('etag') === tag ? undefined : `304 of ${response.header('etag')} to ${tag}`;
}

function requestText(method: string, target: string, coding: string, tag: string | undefined): string {
  return [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Accept-Encoding: ${coding}`,
    'Accept: text/html,*/*;q=0.8',
    ...(tag === undefined ? [] : [`If-None-Match: ${tag}`]),
    '\r\n',
  ].join('\r\n');
}
