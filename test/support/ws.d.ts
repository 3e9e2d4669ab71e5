/** The part of `ws` that tests use: it comes without types. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage, Server } from 'node:http';

  export default class WebSocket extends EventEmitter<{
    open: [];
    message: [message: Buffer, isBinary: boolean];
    close: [code: number, reason: Buffer];
    error: [error: Error];
  }> {
    constructor(url: string, options?: { readonly headers?: Readonly<Record<string, string>> });
    send(message: string | Uint8Array, options?: { readonly binary?: boolean }): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }

  export class WebSocketServer extends EventEmitter<{
    connection: [socket: WebSocket, request: IncomingMessage];
  }> {
    constructor(options: { readonly server: Server });
  }
}
