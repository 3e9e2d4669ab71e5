/** One request on its way through the proxy: its state, and the object that `httpxy` receives instead of it. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { TargetHeaders } from './target-request.ts';

/**
 * `httpxy` reads a request's head from these properties, and its body from elsewhere. So it sends our head, and leaves the
 * client's own unchanged.
 */
export class Exchange {
  readonly method: string | undefined;
  readonly url: string;
  readonly headers: TargetHeaders;
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly socket: IncomingMessage['socket'];
  readonly request: IncomingMessage;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly waitsForContinue: boolean;
  /** Undefined until the request has a connection. */
  targetRequest: ClientRequest | undefined;
  /** Runs until the head of the answer arrives: `relay` then watches its body. */
  timer: NodeJS.Timeout | undefined;
  answer: IncomingMessage | undefined;
  /** The head of the answer has arrived, or the connection was upgraded. */
  isAnswered = false;
  /** It was sent again on a new connection. */
  isRepeated = false;

  constructor(request: IncomingMessage, path: string, headers: TargetHeaders, waitsForContinue: boolean) {
    this.method = request.method;
    this.url = path;
    this.headers = headers;
    this.socket = request.socket;
    this.request = request;
    this.waitsForContinue = waitsForContinue;
  }

  get hasBody(): boolean {
    return (this.headers['content-length'] ?? '0') !== '0' || this.headers['transfer-encoding'] !== undefined;
  }

  /** `httpxy` pipes it into the request to the target. */
  get body(): IncomingMessage {
    return this.hasBody ? this.request : noBody;
  }

  on(event: string, listener: (...args: unknown[]) => void): void {
    this.request.on(event, listener);
  }

  /** With the type that `httpxy` declares, although it reads only the properties above. */
  get asIncoming(): IncomingMessage {
    return this as unknown as IncomingMessage;
  }

  /** The exchange of a `httpxy` event. */
  static of(incoming: unknown): Exchange {
    return incoming as Exchange;
  }

  /**
   * A server may close a kept connection just as a request is sent on it. A safe request without a body is then sent again
   * (RFC 9110, 9.2.2).
   */
  mayRepeat(error: unknown): boolean {
    const { code } = Object(error) as { readonly code?: unknown };
    const isSafe = this.method === 'GET' || this.method === 'HEAD' || this.method === 'OPTIONS';
    const isStale = this.targetRequest?.reusedSocket === true && (code === 'ECONNRESET' || code === 'EPIPE');
    return isStale && isSafe && !this.hasBody && !this.isAnswered && !this.isRepeated;
  }
}

/** Ends a request at once: piping an empty stream takes longer than the request's head. */
const noBody = {
  pipe(request: ClientRequest): void {
    request.end();
  },
} as unknown as IncomingMessage; // `httpxy` calls nothing else
