/** A client of one site over a raw socket: bytes and headers are seen as they are. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ImageSignerEvent } from '../../src/index.ts';
import { withoutPage } from '../support/events.ts';
import type { RawRequest, RawResponse } from '../support/http/raw.ts';
import { instant } from '../support/samples.ts';
import { Reading } from './reading.ts';

/** What went well, and what a site is told once, whoever comes first. */
function isExpected(event: ImageSignerEvent): boolean {
  if (event.type === 'rewritten') return true;
  return event.type === 'passed' && ['script-state', 'unread-type'].includes(event.reason);
}

export class Visitor {
  readonly #port: number;
  readonly #host: string;

  private constructor(port: number, site: string, store: string) {
    this.#port = port;
    this.#host = `${site}.${store}.test`;
  }

  /** Whoever came before has left nothing: neither what was told, nor another time. */
  static async at(port: number, site: string, store: string): Promise<Visitor> {
    const visitor = new Visitor(port, site, store);
    await visitor.ask(`/_begin?${instant}`);
    return visitor;
  }

  async ask(target: string, request: RawRequest = {}): Promise<RawResponse> {
    return (await this.open(target, request)).whole();
  }

  /** Reads a response while it is on its way. The target goes out as it is; nothing is added that was not asked for. */
  async open(target: string, request: RawRequest = {}): Promise<Reading> {
    const { method = 'GET', version = '1.1', body = '' } = request;
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const headers = { host: this.#host, connection: 'close', ...length, ...request.headers };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const socket = connect({ port: this.#port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write([`${method} ${target} HTTP/${version}`, ...lines, '', body].join('\r\n'));
    return new Reading(socket, method);
  }

  /** What `report` has heard, and what the app had to say, since it was asked for last. Without `page`, and without what went well. */
  async told(): Promise<(ImageSignerEvent | string)[]> {
    const told = await this.toldOfPages();
    return told
      .filter((each) => typeof each === 'string' || !isExpected(each))
      .map((each) => (typeof each === 'string' ? each : withoutPage(each)));
  }

  /** The same with the request that each event is about. */
  async toldOfPages(): Promise<(ImageSignerEvent | string)[]> {
    return JSON.parse((await this.ask('/_told')).text) as (ImageSignerEvent | string)[];
  }

  /** @param seconds - after the instant at which all clocks stand */
  async setClock(seconds: number): Promise<void> {
    await this.ask(`/_clock?${instant + seconds * 1000}`);
  }
}
