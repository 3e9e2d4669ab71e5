/**
 * The server of `image-signer proxy`: takes requests, lets the middleware sign the target's answers, and stops without
 * cutting off requests under way.
 */
import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { conditionalFields } from '../../http/conditional-requests.ts';
import { whenItsTurn } from '../../node/http/response-events.ts';
import { type AskLimits, askLimits, TargetAsker } from './ask-target.ts';
import { Exchange } from './exchange.ts';
import {
  answerFailure,
  closeWhenEnded,
  type Failure,
  type FailureStatus,
  failures,
  ignoreErrors,
  refuseSocket,
} from './failures.ts';
import { Forwarder } from './forwarder.ts';
import { bind, isHandshake, serveWithoutUpgrade } from './plain-upgrades.ts';
import { hasUnknownCoding, relay, relayInterim } from './relay.ts';
import { type Log, logRequest, pathForLog } from './request-log.ts';
import { Shutdown } from './shutdown.ts';
import { Signing } from './signing.ts';
import { createTargetAgent } from './target-agent.ts';
import { readRequest, type TargetOptions, type TargetRules, targetHeaders } from './target-request.ts';
import { type SigningRules, type ViewerFunction, Viewers, viewerFailureOf } from './viewers.ts';

export interface ProxyOptions extends TargetOptions {
  /** The options of `imageSigner`. */
  readonly imageSigner: unknown;
  readonly viewer?: ViewerFunction | undefined;
  /** The path of the health check; undefined for none. */
  readonly healthPath?: string | undefined;
  /** Called for every request; undefined without a log. */
  readonly log?: Log | undefined;
  /** Called for every failure between proxy and target, and of `viewer`. */
  readonly onFailure?: ((reason: string, path: string) => void) | undefined;
  readonly limits?: Partial<ProxyLimits> | undefined;
}

/** In milliseconds. */
export interface ProxyLimits {
  /** How long the target may take before the head of its answer, and between two parts of its body. */
  readonly target: number;
  readonly viewer: number;
  /** How long a client may leave waiting bytes unread. */
  readonly client: number;
  /** How long a page of known length may wait for its rest. */
  readonly hold: number;
  /** How long `stop` waits for requests under way. */
  readonly stop: number;
  readonly ask: AskLimits;
}

const defaultLimits: ProxyLimits = {
  target: 60_000,
  viewer: 10_000,
  client: 60_000,
  hold: 100,
  stop: 30_000,
  ask: askLimits,
};

/** Longer than the 60 seconds of load balancers: they close first, so no request meets a closed connection. */
const keepAliveTimeout = 65_000;
const headersTimeout = 70_000;
/** Of a request, in bytes; a longer one gets 431. */
const maxHeaderSize = 16_384;

export interface RunningProxy {
  /** @returns where it listens */
  listen(port: number, host: string): Promise<AddressInfo>;
  /**
   * Announces the stop at once, to the health check and to every connection. Then it takes no more connections, finishes
   * requests under way, and resolves when all connections are closed.
   * @param drain - how long it still takes connections, in milliseconds
   */
  stop(drain?: number): Promise<void>;
}

/** @throws ImageSignerError INVALID_OPTION for an option of `imageSigner` */
export function createProxy(options: ProxyOptions): RunningProxy {
  return new ProxyServer(options);
}

class ProxyServer implements RunningProxy {
  readonly #options: ProxyOptions & TargetRules;
  readonly #limits: ProxyLimits;
  readonly #signing: Signing;
  readonly #agent: http.Agent;
  readonly #forwarder: Forwarder;
  readonly #server: Server;
  readonly #shutdown: Shutdown;
  /** Record the reason of a failure, for logged requests. */
  readonly #notes: WeakMap<ServerResponse, (reason: string) => void> = new WeakMap();
  /** Answers to refused handshakes, until the server has the request as an ordinary one. */
  readonly #refusals: WeakMap<Socket, IncomingMessage> = new WeakMap();

  constructor(given: ProxyOptions) {
    const options = { ...given, pseudonym: `image-signer-${randomUUID()}` };
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const { target, healthPath } = options;
    this.#shutdown = new Shutdown(healthPath);
    this.#agent = createTargetAgent(target, { keepAlive: true, maxFreeSockets: 256 });
    this.#signing = new Signing(options.imageSigner, (rules) => this.#createViewers(rules));
    this.#forwarder = new Forwarder(target, this.#agent, this.#limits.target, {
      onAnswer: (answer, { request }, response) => this.#onAnswer(answer, request, response),
      onInterim: (interim, exchange, response) => this.#onInterim(interim, exchange, response),
      onFailure: (failure, _exchange, response) => this.#fail(failure, response),
      onRefusal: (answer, { request }, socket) => this.#onRefusal(answer, request, socket),
      onUpgradeFailure: ({ reason }, { request }) => options.onFailure?.(reason, pathForLog(request.url)),
    });
    this.#server = this.#createServer();
  }

  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve(this.#server.address() as AddressInfo));
    });
  }

  async stop(drain = 0): Promise<void> {
    await this.#shutdown.run(this.#server, drain, this.#limits.stop);
    this.#agent.destroy();
  }

  #createViewers(rules: SigningRules): Viewers | undefined {
    const { viewer, onFailure } = this.#options;
    if (viewer === undefined) return undefined;
    const asker = new TargetAsker(this.#options, this.#agent, this.#limits.ask);
    return new Viewers(viewer, asker, this.#limits.viewer, rules, (error) => {
      const failure = viewerFailureOf(error);
      if (failure !== undefined) onFailure?.(failure.reason, pathForLog(failure.path));
    });
  }

  #createServer(): Server {
    const options = { maxHeaderSize, keepAliveTimeout, headersTimeout, keepAlive: true };
    const server = http.createServer({ ...options, shouldUpgradeCallback: isHandshake } as typeof options);
    // An upload may last as long as it moves: the target's time is limited.
    server.requestTimeout = 0;
    // By default, Node.js drops fields behind the first thousand: a client could hide its own from the checks here.
    server.maxHeadersCount = 0;
    server.on('connection', (socket) => this.#shutdown.watchConnection(socket));
    for (const event of ['request', 'checkContinue'] as const)
      server.on(event, (request: IncomingMessage, response: ServerResponse) =>
        whenItsTurn(response, () => this.#onRequest(request, response, event === 'checkContinue')),
      );
    server.on('upgrade', (request, socket: Socket, head) => this.#onUpgrade(request, socket, head));
    server.on('connect', (_request, socket: Socket) => {
      ignoreErrors(socket);
      if (this.#shutdown.isAnswering(socket)) socket.destroy();
      else refuseSocket(socket, 405);
    });
    return server;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, waitsForContinue: boolean): void {
    const { log } = this.#options;
    this.#shutdown.watch(response);
    // If Node.js has asked whether to accept an upgrade, it drops the bytes after the request.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    const refusal = this.#refusals.get(request.socket);
    if (refusal !== undefined) bind(refusal, response);
    else if (this.#shutdown.answersHealth(request, response)) return;
    if (log !== undefined) this.#notes.set(response, logRequest(request, response, log));
    const read = readRequest(request, this.#options);
    if (typeof read === 'number') return this.#refuse(read, response);
    // `viewer`, `skip` and `authorize` must read what the target receives, also for a request target in absolute form.
    request.url = read.path;
    if (read.host !== '') request.headers.host = read.host;
    this.#signing.onRequest(request, response, (error?: unknown) => {
      if (refusal !== undefined) return this.#onAnswer(refusal, request, response);
      if (error !== undefined) return this.#fail(failures.noKey, response);
      const headers = targetHeaders(read, request, this.#options);
      this.#forwarder.send(new Exchange(request, read.path, headers, waitsForContinue), response);
    });
  }

  #onAnswer(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
    const refuse = (failure: Failure): void => {
      answer.destroy();
      this.#fail(failure, response);
    };
    if (hasUnknownCoding(answer)) return refuse(failures.unknownCoding);
    this.#shutdown.watchAnswer(answer, response);
    this.#signing.onAnswer(answer, request, response, (error) => {
      if (response.destroyed || response.headersSent) return; // the rest of the answer has already failed
      if (error !== undefined) return refuse(failures.noKey);
      relay(answer, response, {
        origin: this.#options.target.origin,
        isPage: this.#signing.isPage(answer),
        hold: this.#limits.hold,
        silence: this.#limits.target,
        stall: this.#limits.client,
        onSilence: () => refuse(failures.silence),
        onInvalid: () => refuse(failures.invalidField),
      });
    });
  }

  #onInterim(interim: http.InformationEvent, { request }: Exchange, response: ServerResponse): void {
    if (interim.statusCode === 103)
      this.#signing.onHints(request, response, () => relayInterim(interim, response));
    else relayInterim(interim, response);
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    ignoreErrors(socket);
    // Its answer would be sent before the one under way, which Node.js no longer serves.
    if (this.#shutdown.isAnswering(socket)) return void socket.destroy();
    if (!isHandshake(request)) return serveWithoutUpgrade(this.#server, request, socket, head);
    const read = readRequest(request, this.#options);
    if (typeof read === 'number') return refuseSocket(socket, read);
    if (this.#shutdown.takesNoMore) return refuseSocket(socket, 503);
    closeWhenEnded(socket);
    // The answer may be a page, and the middleware has not seen these conditions.
    for (const name of conditionalFields) delete request.headers[name];
    const headers = targetHeaders(read, request, this.#options);
    Object.assign(headers, { connection: 'Upgrade', upgrade: 'websocket' });
    this.#shutdown.watchUpgrade(socket);
    this.#forwarder.upgrade(new Exchange(request, read.path, headers, false), socket, head);
  }

  /** Returns the connection to the server. The answer is relayed like any other, and is the last one there. */
  #onRefusal(answer: IncomingMessage, request: IncomingMessage, socket: Socket): void {
    if (socket.destroyed) return void answer.destroy();
    this.#shutdown.forgetUpgrade(socket);
    this.#refusals.set(socket, answer);
    serveWithoutUpgrade(this.#server, request, socket, Buffer.alloc(0));
  }

  #fail({ status, reason }: Failure, response: ServerResponse): void {
    if (!response.destroyed) this.#options.onFailure?.(reason, pathForLog(response.req.url));
    this.#notes.get(response)?.(reason);
    answerFailure(response, status);
  }

  /** The client's own mistake. */
  #refuse(status: FailureStatus, response: ServerResponse): void {
    this.#notes.get(response)?.('refused');
    answerFailure(response, status);
  }
}
