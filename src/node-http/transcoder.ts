/**
 * A body that the app has encoded: decoded, transformed and encoded again, as it streams. Node.js has no synchronous
 * coder that can be fed in pieces, so here alone bytes go out later than they came: `write` gives false, and `drain`
 * follows once all of it has gone out.
 */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BodyTransform } from '../body-transform.ts';
import { OriginalBytes } from '../http/original-bytes.ts';
import { maxHeldContent } from '../limits.ts';
import type { OutputSink } from './body-methods.ts';
import type { Coding, Encoder } from './content-coding.ts';
import { isHttp2 } from './write-head.ts';
import { ZlibStream } from './zlib-stream.ts';

interface Task {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The one that the call was given, if it was given one; empty once Node has it. */
  readonly callback: unknown[];
  readonly isLast: boolean;
}

/** Of content and of what it is encoded in: decoded at once, while every request waits. What is longer is streamed. */
const maxWholeBytes = 256 * 1024;

/**
 * A body that is there as a whole, decoded and encoded again at once.
 * @returns undefined if it is too long for that
 * @throws for one that is corrupt
 */
export function transcodeWhole(
  bytes: Uint8Array,
  coding: Coding,
  transform: BodyTransform,
): Uint8Array | undefined {
  if (bytes.length > maxWholeBytes) return undefined;
  let content: Buffer;
  try {
    content = coding.decode(bytes, maxWholeBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
  const changed = transform.end(content);
  return content.equals(changed) ? bytes : coding.encode(changed);
}

export class Transcoder {
  readonly #response: ServerResponse;
  readonly #sink: OutputSink;
  readonly #coding: Coding;
  readonly #transform: BodyTransform;
  readonly #corrupt: () => void;
  readonly #decoder: ZlibStream<Duplex>;
  readonly #encoder: ZlibStream<Encoder>;
  readonly #tasks: Task[] = [];
  /** Calls after `end`, which Node is to refuse as it does. */
  readonly #late: (() => void)[] = [];
  #isRunning = false;
  #isEnding = false;
  #isClosed = false;
  /** Corrupt, after a part of it has gone out. */
  #isBroken = false;
  /** What came, until something of it has gone out. */
  #kept: OriginalBytes | undefined = new OriginalBytes();
  /** Encoded, and waiting for more before it goes out. */
  #held: Buffer[] = [];
  #contentLength = 0;
  #passes = false;
  #tail: Uint8Array = new Uint8Array();

  /** @param corrupt - hears that the body cannot be decoded */
  constructor(
    response: ServerResponse,
    sink: OutputSink,
    coding: Coding,
    transform: BodyTransform,
    corrupt: () => void,
  ) {
    this.#response = response;
    this.#sink = sink;
    this.#coding = coding;
    this.#transform = transform;
    this.#corrupt = corrupt;
    this.#decoder = new ZlibStream(coding.createDecoder());
    this.#encoder = new ZlibStream(coding.createEncoder());
    response.once('close', () => this.#close());
    sink.write(new Uint8Array()); // the headers go out, as they do with the first bytes of any body
  }

  write(bytes: Uint8Array, callback: readonly unknown[]): false {
    if (this.#isClosed) this.#sink.write(bytes, ...callback);
    else if (this.#isEnding) this.#late.push(() => this.#sink.write(bytes, ...callback));
    // A copy: after the callback the app may use its own again, but these may still have to go out as they are.
    else this.#add({ bytes: new Uint8Array(bytes), callback: [...callback], isLast: false });
    return false;
  }

  end(bytes: Uint8Array, callback: readonly unknown[]): void {
    // As Node's own `end` does, which comes too late here: nothing that is corked is ever called back.
    while (this.#response.writableCorked > 0) this.#response.uncork();
    const end = (): unknown => this.#sink.end(...(bytes.length > 0 ? [bytes] : []), ...callback);
    if (this.#isClosed) end();
    else if (this.#isEnding) this.#late.push(end);
    else this.#add({ bytes: new Uint8Array(bytes), callback: [...callback], isLast: true });
    this.#isEnding = true;
  }

  #add(task: Task): void {
    this.#tasks.push(task);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let task = this.#tasks[0]; task !== undefined; task = this.#tasks[0]) {
      if (this.#passes) await this.#pass(task);
      else await this.#recode(task).catch(() => this.#giveUp(task));
      if (this.#isBroken) return; // what waits hears of it when the response closes
      this.#tasks.shift();
    }
    this.#isRunning = false;
    // Not from within a promise: what a listener throws is the app's own exception, as it is of Node's `drain`.
    process.nextTick(() => {
      if (!this.#isRunning && !this.#isEnding && !this.#isClosed) this.#response.emit('drain');
    });
  }

  async #recode(task: Task): Promise<void> {
    const { bytes, callback, isLast } = task;
    this.#kept?.add(bytes);
    if (bytes.length > 0) {
      for await (const content of this.#decoder.write(bytes)) await this.#take(content);
      if (this.#kept?.isFull) throw new Error('a megabyte of it is no page');
      this.#tail = lastBytes(this.#tail, bytes);
      if (!isLast && this.#coding.isFlushed(this.#tail)) await this.#flush();
    }
    if (!isLast) return this.#callBack(callback);
    for await (const content of this.#decoder.end()) await this.#take(content);
    await this.#encode(this.#transform.end());
    for await (const piece of this.#encoder.end()) await this.#send(piece);
    await this.#release();
    this.#end(callback);
  }

  async #take(content: Buffer): Promise<void> {
    this.#contentLength += content.length;
    await this.#encode(this.#transform.write(content));
    if (this.#contentLength > maxHeldContent) await this.#release();
  }

  async #encode(content: Uint8Array): Promise<void> {
    if (content.length === 0) return;
    for await (const piece of this.#encoder.write(content)) await this.#send(piece);
  }

  async #flush(): Promise<void> {
    const { stream } = this.#encoder;
    for await (const piece of this.#encoder.pieces((done) => stream.flush(this.#coding.flush, done)))
      await this.#send(piece);
    await this.#release();
  }

  /** Holds a piece back while nothing has gone out, and then sends each as it comes. */
  async #send(piece: Buffer): Promise<void> {
    if (this.#kept !== undefined) this.#held.push(piece);
    else await this.#write(piece);
  }

  /** From here on the body can no longer go out as it came. */
  async #release(): Promise<void> {
    if (this.#kept === undefined) return;
    this.#kept = undefined;
    const held = this.#held;
    this.#held = [];
    for (const piece of held) await this.#write(piece);
  }

  /** One piece at a time: a source that waits for `drain` is never more than a few pieces ahead of the client. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#sink.write(bytes, () => resolve()));
  }

  async #pass({ bytes, callback, isLast }: Task): Promise<void> {
    if (bytes.length > 0) await this.#write(bytes);
    if (isLast) this.#end(callback);
    else await this.#callBack(callback);
  }

  /** Calls back once the socket has all that came before. Until then the response may close, which tells it so. */
  #callBack(callback: unknown[]): Promise<void> {
    if (callback.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#sink.write(new Uint8Array(), (error: unknown) => {
        for (const call of callback.splice(0)) (call as (error: unknown) => void)(error); // functions alone are taken
        resolve();
      });
    });
  }

  /** What has not gone out yet passes as it came; else there is no way back, and no clean end either. */
  async #giveUp({ callback, isLast }: Task): Promise<void> {
    if (this.#isClosed) return;
    this.#corrupt();
    if (this.#kept === undefined) {
      this.#isBroken = true;
      return this.#breakOff();
    }
    this.#passes = true;
    const kept = this.#kept;
    this.#kept = undefined;
    for (const bytes of kept.take()) await this.#write(bytes);
    await this.#pass({ bytes: new Uint8Array(), callback, isLast });
  }

  /** So that no client takes it for an end. */
  #breakOff(): void {
    const { socket, chunkedEncoding } = this.#response;
    // Without an error HTTP/2 would reset the stream with NO_ERROR; without chunks the end is that of the connection.
    if (isHttp2(this.#response)) this.#response.destroy(new Error('corrupt body'));
    else if (chunkedEncoding || socket === null) this.#response.destroy();
    else socket.resetAndDestroy();
  }

  #end(callback: unknown[]): void {
    this.#sink.end(...callback.splice(0));
    for (const call of this.#late.splice(0)) call();
  }

  /** The client is gone, or has it all. */
  #close(): void {
    this.#isClosed = true;
    this.#decoder.stream.destroy();
    this.#encoder.stream.destroy();
    // Node tells each callback that the response is closed.
    for (const { callback } of this.#tasks)
      if (callback.length > 0) this.#sink.write(new Uint8Array(1), ...callback.splice(0));
    this.#tasks.length = 0;
    for (const call of this.#late.splice(0)) call();
    this.#kept = undefined;
    this.#held = [];
  }
}

function lastBytes(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  return bytes.length >= 4 ? bytes.slice(-4) : Buffer.concat([before, bytes]).subarray(-4);
}
