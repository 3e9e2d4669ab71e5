/**
 * The visitors of the soak: each has one connection, asks one thing after another, and looks at every answer that it
 * stays for. Two in three leave in the middle, as often as makes three in ten of all requests; the others keep their
 * connection to the end.
 */

import { pickFrom, randomFrom } from '../../support/generators/random.ts';
import { KeepAliveConnection } from '../../support/http/keep-alive.ts';
import type { RawResponse } from '../../support/http/raw.ts';
import { prefixes, type Route, routes } from './pages.ts';

const visitors = 16;
const aborts = 0.3;
const heads = 0.08;
const conditionals = 0.25;

/** @returns what is wrong with a complete answer */
export type Check = (route: Route, method: string, response: RawResponse) => string | undefined;

export interface Visitors {
  readonly counts: { requests: number; aborted: number; heads: number; notModified: number };
  /** @returns once all have come to rest: how many connections are open then */
  visitFor(milliseconds: number): Promise<number>;
  close(): void;
}

export function createVisitors(
  port: number,
  seed: number,
  check: Check,
  onProblem: (problem: string) => void,
): Visitors {
  const counts = { requests: 0, aborted: 0, heads: 0, notModified: 0 };
  const random = randomFrom(seed);
  const pick = pickFrom(random);
  /** By target and accepted coding. */
  const tags = new Map<string, string>();
  const sizes = new Map<string, number>();
  /** By visitor, between two spells; undefined where there is none. */
  const connections: (KeepAliveConnection | undefined)[] = Array.from({ length: visitors }, () => undefined);
  let isPaused = true;

  async function visit(visitor: number): Promise<void> {
    while (!isPaused) {
      let connection = connections[visitor];
      if (connection?.isOpen !== true) {
        connection = await KeepAliveConnection.open(port);
        connections[visitor] = connection;
      }
      try {
        await ask(connection, visitor % 3 === 0);
      } catch (error) {
        onProblem(`visitor: ${String(error)}`);
        connection.close();
      }
    }
  }

  async function ask(connection: KeepAliveConnection, isPatient: boolean): Promise<void> {
    const route = pick(routes);
    const target = `${pick(prefixes)}${route.path}`;
    const coding = pick(['gzip', 'br', 'identity']);
    const method = random() < heads ? 'HEAD' : 'GET';
    const name = `${target} ${coding}`;
    const tag = random() < conditionals ? tags.get(name) : undefined;
    const isLeft = !isPatient && counts.aborted < aborts * counts.requests;
    const size = sizes.get(`${method} ${name}`) ?? route.body.length;
    const fields = `Host: 127.0.0.1\r\nAccept-Encoding: ${coding}\r\nAccept: text/html,*/*;q=0.8\r\n`;
    const condition = tag === undefined ? '' : `If-None-Match: ${tag}\r\n`;
    const answer = await connection.send({
      text: `${method} ${target} HTTP/1.1\r\n${fields}${condition}\r\n`,
      method,
      abortAfter: isLeft ? Math.floor(random() * size) : undefined,
    });
    counts.requests++;
    if (answer === undefined) {
      counts.aborted++;
      return;
    }
    const { raw, response } = answer;
    if (method === 'HEAD') counts.heads++;
    const wrong = response.status === 304 ? wrongIn304(response, tag) : check(route, method, response);
    if (wrong !== undefined) onProblem(`${method} ${name}: ${wrong}`);
    if (response.status === 304) counts.notModified++;
    if (response.status !== 200) return;
    sizes.set(`${method} ${name}`, raw.length);
    const sent = response.header('etag');
    if (sent !== undefined) tags.set(name, sent);
    else if (route.isTagged) onProblem(`${method} ${name}: no entity tag`);
  }

  return {
    counts,
    async visitFor(milliseconds) {
      isPaused = false;
      setTimeout(() => {
        isPaused = true;
      }, milliseconds);
      await Promise.all(connections.map((_, visitor) => visit(visitor)));
      return connections.filter((connection) => connection?.isOpen === true).length;
    },
    close() {
      isPaused = true;
      for (const connection of connections) connection?.close();
    },
  };
}

function wrongIn304(response: RawResponse, tag: string | undefined): string | undefined {
  if (tag === undefined) return '304 to a request without a condition';
  return response.header('etag') === tag ? undefined : `304 of ${response.header('etag')} to ${tag}`;
}
