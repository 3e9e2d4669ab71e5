/** The example Worker in workerd, before an origin that each test writes; and a client that tidies nothing. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RunningWorker, startWorker } from '../../../examples/worker/local/workerd/runtime.ts';
import { issueSession } from '../../../examples/worker/session.ts';
import type { Env } from '../../../examples/worker/settings.ts';
import { accountHash, id, key } from '../samples.ts';

export const sessionKey = 'what-sessions-are-signed-with-in-tests';

/** Over those of `wrangler.jsonc`. */
export const bindings: Partial<Env> = {
  IMAGES_KEY: key,
  SESSION_KEY: sessionKey,
  IMAGES_ACCOUNT_HASH: accountHash,
  VARIANTS: { card: {}, thumb: {}, preview: { alwaysPublic: true } },
};

/** A session whose viewer may see the one picture of the samples. */
export function sessionOf(
  given: Partial<Parameters<typeof issueSession>[1]> = {},
  signedWith: string = sessionKey,
): Promise<string> {
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  return issueSession(signedWith, { viewer: 'ada', images: [id], expiresAt, ...given });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const inCookie = (session: string): Sent => ({ headers: { cookie: `a=b; session=${session}; c=d` } });
export const asBearer = (session: string): Sent => ({ headers: { authorization: `Bearer ${session}` } });

/** The head of an answer, while its body is still on the way. `path` is sent just as it is written. */
export async function open(address: string, path: string, sent: Sent = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = sent;
  const { hostname, port } = new URL(address);
  const asked = request({ hostname, port, path, method, headers, agent: false });
  asked.end(body);
  const [response] = await once(asked, 'response');
  return response;
}

export async function send(address: string, path: string, sent: Sent = {}): Promise<Answer> {
  const response = await open(address, path, sent);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  expectNoKey(`${JSON.stringify(response.headers)}${body}`);
  return { status: response.statusCode!, headers: response.headers, body, text: body.toString() }; // it is an answer
}

/** Of every answer that a test gets, whatever the test is about. */
function expectNoKey(text: string): void {
  for (const secret of [key, sessionKey]) {
    for (const form of ['utf8', 'hex', 'base64'] as const)
      if (text.includes(Buffer.from(secret).toString(form))) throw new Error(`A key shows: ${text}`);
  }
}

/** An origin whose answers each test sets. */
export class Origin {
  #answer: RequestListener = (_request, response) => response.end();
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<string> {
    this.#server.listen(0, 'localhost');
    await once(this.#server, 'listening');
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`; // not a pipe's name
  }

  answers(listener: RequestListener): void {
    this.#answer = listener;
  }

  /** For requests that ask for another protocol. */
  upgrades(listener: (request: IncomingMessage, socket: Duplex) => void): void {
    this.#server.on('upgrade', listener);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export { type RunningWorker, startWorker };
