/**
 * Sends requests to the target with `httpxy`, and passes its answers to the proxy. It follows no redirects: the target is the
 * only host that it ever connects to.
 */
import http, { type Agent, type IncomingMessage, type InformationEvent, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyServer, type ProxyServer } from 'httpxy';
import { Exchange } from './exchange.ts';
import { type Failure, failureOf, failureText, TargetTimeout } from './failures.ts';
import { createTargetAgent, endBehind, hostnameOf } from './target-agent.ts';
import { trailersOf } from './trailers.ts';

export interface ForwarderEvents {
  /** The head of an answer has arrived. Its body has not been read. */
  onAnswer(answer: IncomingMessage, exchange: Exchange, response: ServerResponse): void;
  onInterim(interim: InformationEvent, exchange: Exchange, response: ServerResponse): void;
  /** No answer has arrived, or an incomplete one. */
  onFailure(failure: Failure, exchange: Exchange, response: ServerResponse): void;
  /** The target has refused a handshake. */
  onRefusal(answer: IncomingMessage, exchange: Exchange, socket: Socket): void;
  /** A handshake has no answer. */
  onUpgradeFailure(failure: Failure, exchange: Exchange): void;
}

export class Forwarder {
  readonly #proxy: ProxyServer;
  /** Opens a connection for every request, and closes it after the answer. */
  readonly #unpooled: ProxyServer;
  readonly #events: ForwarderEvents;
  readonly #timeout: number;

  /** @param timeout - in milliseconds: how long the target may be silent before the head of its answer */
  constructor(target: URL, agent: Agent, timeout: number, events: ForwarderEvents) {
    this.#events = events;
    this.#timeout = timeout;
    this.#proxy = this.#createProxy(target, agent);
    this.#unpooled = this.#createProxy(target, createTargetAgent(target, { keepAlive: false }));
  }

  #createProxy(url: URL, agent: Agent): ProxyServer {
    const { protocol, port } = url;
    // From a URL, `httpxy` would look up an IPv6 address with its brackets, as a name.
    const target = { protocol, port, hostname: hostnameOf(url) };
    const proxy = createProxyServer({ target, agent, selfHandleResponse: true });
    proxy.on('proxyReq', (request, exchange, response) =>
      this.#onRequest(request, Exchange.of(exchange), response),
    );
    proxy.on('proxyRes', (answer, incoming, response) => {
      const exchange = Exchange.of(incoming);
      exchange.isAnswered = true;
      exchange.answer = answer;
      clearTimeout(exchange.timer);
      endBehind(answer);
      this.#events.onAnswer(answer, exchange, response);
    });
    proxy.on('proxyReqWs', (request, exchange, socket) =>
      this.#onUpgrade(request, Exchange.of(exchange), socket),
    );
    proxy.on('error', (error, incoming, response) => this.#onError(error, Exchange.of(incoming), response));
    return proxy;
  }

  send(exchange: Exchange, response: ServerResponse): void {
    // The target may have closed all kept connections.
    const proxy = exchange.isRepeated ? this.#unpooled : this.#proxy;
    proxy
      .web(exchange.asIncoming, response, { buffer: exchange.body })
      .catch((error: unknown) => this.#onError(error, exchange, response));
  }

  upgrade(exchange: Exchange, socket: Socket, head: Buffer): void {
    this.#unpooled.ws(exchange.asIncoming, socket, {}, head).catch(() => {}); // `#onError` has received it
  }

  /** Called when the request has a connection, before anything is sent. */
  #onRequest(request: http.ClientRequest, exchange: Exchange, response: ServerResponse): void {
    exchange.targetRequest = request;
    this.#limit(request, exchange);
    // Node.js drops a connection that switches protocols unasked, without an error.
    request.once('close', () => {
      if (exchange.targetRequest !== request) return; // sent again
      clearTimeout(exchange.timer);
      if (!exchange.isAnswered) this.#onError(undefined, exchange, response);
    });
    if (exchange.url === '*') request.path = '*'; // `httpxy` has put a slash before it
    request.on('information', (interim) => {
      exchange.timer?.refresh();
      this.#events.onInterim(interim, exchange, response);
    });
    const { request: incoming } = exchange;
    if (exchange.headers['transfer-encoding'] !== undefined) {
      // Before the listener by which `httpxy` ends the request.
      incoming.once('end', () => addTrailers(request, incoming.rawTrailers));
    }
    if (!exchange.waitsForContinue) return;
    request.setHeader('Expect', '100-continue');
    request.on('continue', () => response.writeContinue());
    request.flushHeaders();
  }

  /** This timer takes a tenth of the time of `request.setTimeout`. An upload may last as long as it moves. */
  #limit(request: http.ClientRequest, exchange: Exchange): void {
    let written = 0;
    clearTimeout(exchange.timer);
    exchange.timer = setTimeout(() => {
      const { bytesWritten = 0 } = request.socket ?? {};
      if (!exchange.hasBody || bytesWritten === written) return request.destroy(new TargetTimeout());
      written = bytesWritten;
      exchange.timer?.refresh();
    }, this.#timeout);
  }

  #onUpgrade(request: http.ClientRequest, exchange: Exchange, socket: Socket): void {
    exchange.targetRequest = request;
    request.setTimeout(this.#timeout, () => request.destroy(new TargetTimeout()));
    // Replaces the listener of `httpxy`, which would relay the answer unchanged.
    process.nextTick(() =>
      request.removeAllListeners('response').once('response', (answer) => {
        exchange.isAnswered = true;
        request.setTimeout(0);
        this.#events.onRefusal(answer, exchange, socket);
      }),
    );
    request.once('upgrade', (_answer, targetSocket: Socket) => {
      exchange.isAnswered = true;
      // Neither side waits for an end that the other will not send.
      socket.once('close', () => targetSocket.destroy());
      targetSocket.once('close', () => socket.destroySoon());
    });
    socket.once('close', () => request.destroy());
  }

  #onError(error: unknown, exchange: Exchange, response: ServerResponse | Socket | undefined): void {
    // Bytes after a complete answer end only its connection.
    if (exchange.answer?.complete === true) return;
    const failure = failureOf(error);
    if (response instanceof ServerResponse) {
      const isRepeated = exchange.mayRepeat(error) && !response.destroyed;
      exchange.targetRequest = undefined;
      if (isRepeated) {
        exchange.isRepeated = true;
        this.send(exchange, response);
      } else this.#events.onFailure(failure, exchange, response);
      return;
    }
    if (exchange.isAnswered) return;
    exchange.isAnswered = true;
    // `httpxy` ends the connection after this.
    if (response?.writable) response.write(failureText(failure.status));
    this.#events.onUpgradeFailure(failure, exchange);
  }
}

function addTrailers(request: http.ClientRequest, raw: readonly string[]): void {
  const trailers = trailersOf(raw);
  if (trailers.length > 0) request.addTrailers(trailers);
}
