/** What a driver is, and the server that those over `node:http` share: one for all sites, told apart by `Host`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createRooms, type Entry } from '../room.ts';
import type { Asked, Site, Source } from '../site.ts';

export interface Served {
  readonly port: number;
  close(): Promise<void>;
}

/** Behaviours that the framework cannot have: their group, their name, and the reason. */
export type Marks = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Driver {
  readonly name: string;
  readonly cannot: Marks;
  start(): Promise<Served>;
}

export interface NodeDriver extends Entry {
  readonly name: string;
  readonly cannot?: Marks;
  build(site: Site): RequestListener;
}

/** One whose server a test can start with a site of its own. */
export type ListeningDriver = Driver & Pick<NodeDriver, 'build'>;

export function nodeDriver({ name, cannot = {}, build, ...entry }: NodeDriver): ListeningDriver {
  return { name, cannot, build, start: () => serveRooms(entry, build) };
}

async function serveRooms(entry: Entry, build: NodeDriver['build']): Promise<Served> {
  const roomOf = createRooms(entry);
  const listeners = new Map<Site, RequestListener>();
  const server = createServer((request, response) => {
    const room = roomOf(request.headers.host);
    if (room === undefined) return void response.writeHead(421).end();
    const told = room.control(request.url!);
    if (told !== undefined) return void response.end(told);
    const listener = listeners.get(room.site) ?? build(room.site);
    listeners.set(room.site, listener);
    listener(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => void server.close().closeAllConnections(),
  };
}

/** A request of `node:http`, with what the middleware has put on it. */
export function askedOf(request: IncomingMessage): Asked {
  const { method = '', url: target = '' } = request;
  const { signImage, signSrcset, signData, signedImage } = request as Partial<Asked>;
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  return { method, target, header, signImage, signSrcset, signData, signedImage };
}

export function readable({
  source,
  spoilt,
}: {
  readonly source: Source;
  readonly spoilt?: string;
}): Readable {
  const stream = Readable.from({ [Symbol.asyncIterator]: () => source });
  return spoilt === undefined ? stream : stream.destroy();
}

export type Step = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
