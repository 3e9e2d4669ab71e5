/** Sources of bodies that a test holds in its hand: each gives what it is told to, fails when it is told, and says when it is let go. */
import { PassThrough } from 'node:stream';

/** A source that gives what it is told to. */
export interface Source {
  readonly body: unknown;
  give(text: string): void;
  fail(): void;
  /** When it has been let go. */
  readonly released: Promise<unknown>;
}

function nodeSource(): Source {
  const stream = new PassThrough();
  return {
    body: stream,
    give: (text) => void stream.write(text),
    fail: () => void stream.destroy(new Error('broken')),
    released: new Promise((resolve) => stream.once('close', resolve)),
  };
}

export function webSource(wrap: (stream: ReadableStream) => unknown): Source {
  let controller: ReadableStreamDefaultController | undefined;
  let release = (_: unknown): void => {};
  const released = new Promise((resolve) => {
    release = resolve;
  });
  const stream = new ReadableStream({
    start: (given) => {
      controller = given;
    },
    cancel: release,
  });
  return {
    body: wrap(stream),
    give: (text) => controller!.enqueue(Buffer.from(text)),
    fail: () => controller!.error(new Error('broken')),
    released,
  };
}

function responseSource(): Source {
  return webSource((stream) => new Response(stream, { headers: { 'content-type': 'text/html' } }));
}

/** One whose stream the test holds. */
export class OwnBlob extends Blob {
  readonly #stream: ReadableStream;

  constructor(stream: ReadableStream) {
    super(['x']);
    this.#stream = stream;
  }

  override stream(): ReturnType<Blob['stream']> {
    return this.#stream as ReturnType<Blob['stream']>;
  }
}

export const sources: readonly (readonly [string, () => Source])[] = [['a Node.js stream', nodeSource]];
export const sourcesOfTheWeb: typeof sources = [
  ['a web stream', () => webSource((stream) => stream)],
  ['a Response', responseSource],
];
