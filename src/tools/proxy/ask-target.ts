/**
 * Asks the target who a visitor is: `askTarget('/session')` in `viewer`. The target receives the visitor's own `Cookie` and
 * `Authorization`. An answer is cached for a few seconds, only for requests with the same two.
 */
import http, { type Agent, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { BoundedCache } from '../../bounded-cache.ts';
import { failureOf, TargetTimeout } from './failures.ts';
import { hostFor, type TargetRules } from './target-request.ts';

/**
 * Sends `GET` with the visitor's `Cookie` and `Authorization` to the site.
 * @param path - such as `/session`
 * @returns the JSON of the answer
 * @throws if the answer is not a 2xx with JSON, or takes longer than 5 seconds
 */
export type AskTarget = (path: string) => Promise<unknown>;

/** Why `askTarget` failed. Its message has nothing of the visitor, and of the answer only its status. */
export class AskFailure extends Error {
  override readonly name = 'AskFailure';
  /** As `viewer` passed it. */
  readonly path: string;
  /** The target says that it does not know the visitor. */
  readonly isRefusal: boolean;

  /** @param status - of the target's answer, if it is the reason */
  constructor(reason: string, path: string, status?: number) {
    super(reason);
    this.path = path;
    this.isRefusal = status === 401 || status === 403;
  }
}

export interface AskLimits {
  /** In milliseconds. */
  readonly timeout: number;
  /** How long an answer is cached, in milliseconds. */
  readonly keep: number;
  /** In bytes, of one answer. */
  readonly maxAnswerLength: number;
  /** In bytes, of all cached answers and their credentials. */
  readonly maxKeptLength: number;
}

export const askLimits: AskLimits = {
  timeout: 5_000,
  keep: 5_000,
  maxAnswerLength: 65_536,
  maxKeptLength: 16_777_216,
};

interface Kept {
  /** In milliseconds of `performance.now`: a clock that is set back must not keep an answer longer. */
  readonly until: number;
  readonly text: string;
}

export class TargetAsker {
  readonly #rules: TargetRules;
  readonly #agent: Agent;
  readonly #limits: AskLimits;
  readonly #kept: BoundedCache<Kept>;
  /** Simultaneous requests of one visitor share one question. */
  readonly #pending: Map<string, Promise<string>> = new Map();

  constructor(rules: TargetRules, agent: Agent, limits: AskLimits) {
    this.#rules = rules;
    this.#agent = agent;
    this.#limits = limits;
    this.#kept = new BoundedCache(limits.maxKeptLength, (key, { text }) => 2 * (key.length + text.length));
  }

  /** @param request - the visitor's */
  async ask(path: unknown, request: IncomingMessage): Promise<unknown> {
    if (typeof path !== 'string' || !/^\/[!-~]*$/.test(path))
      throw new AskFailure("askTarget expected a path, such as '/session'", '');
    const text = await this.#textFor(path, this.#headersFor(request)).catch((error: unknown) => {
      throw error instanceof AskFailure ? error : new AskFailure(failureOf(error).reason, path);
    });
    try {
      // Parsed for every request, so that one cannot change the value of the next.
      return JSON.parse(text);
    } catch {
      throw new AskFailure("the target's answer is not JSON", path);
    }
  }

  #headersFor({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> {
    const { host = '', cookie, authorization } = headers;
    return {
      host: hostFor(this.#rules, host) || undefined,
      cookie,
      authorization,
      'x-forwarded-host': host || undefined,
      // A site that requires HTTPS would redirect a request that seems to lack it.
      'x-forwarded-proto': this.#rules.trustsProxy ? String(headers['x-forwarded-proto'] ?? 'http') : 'http',
    };
  }

  async #textFor(path: string, headers: Readonly<Record<string, string | undefined>>): Promise<string> {
    // Every text is quoted, so that no two visitors share a cache key.
    const key = JSON.stringify([path, ...Object.values(headers).map((value) => value ?? null)]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && performance.now() < kept.until) return kept.text;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const asked = this.#send(path, headers);
    this.#pending.set(key, asked);
    try {
      const text = await asked;
      this.#kept.set(key, { until: performance.now() + this.#limits.keep, text });
      return text;
    } finally {
      this.#pending.delete(key);
    }
  }

  #send(path: string, given: Readonly<Record<string, string | undefined>>): Promise<string> {
    const { target, pseudonym } = this.#rules;
    const { timeout, maxAnswerLength } = this.#limits;
    const headers = Object.fromEntries(
      Object.entries({ ...given, accept: 'application/json', via: `1.1 ${pseudonym}` }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    return new Promise((resolve, reject) => {
      const send = target.protocol === 'https:' ? https.request : http.request;
      const options = { agent: this.#agent, method: 'GET', path, headers };
      const request = send(target, options, (answer) => {
        const { statusCode = 0 } = answer;
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length <= maxAnswerLength) return;
          reject(new AskFailure("the target's answer is too long", path));
          // Without an error: the agent may own the connection again, and nobody would catch it there.
          request.destroy();
        });
        answer.on('error', reject);
        answer.on('end', () => {
          if (statusCode >= 200 && statusCode < 300) resolve(Buffer.concat(chunks).toString('utf8'));
          else reject(new AskFailure(`the target answered ${statusCode}`, path, statusCode));
        });
      });
      // For the whole answer: one that arrives byte by byte is late too.
      const timer = setTimeout(() => {
        reject(new TargetTimeout());
        request.destroy();
      }, timeout);
      request.on('close', () => clearTimeout(timer));
      request.on('error', reject);
      request.end();
    });
  }
}
