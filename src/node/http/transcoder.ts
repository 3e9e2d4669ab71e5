/**
 * Decodes a streamed body that the app has encoded, transforms it and encodes it again. Node.js has no synchronous streaming
 * decoder, so only here bytes are sent later than they come in: `write` returns false, and `drain` follows when everything is sent.
 */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { OriginalBytes } from '../../http/encoded-bytes.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { maxHeldContent } from '../../text/limits.ts';
import type { OutputSink } from './body-arguments.ts';
import type { Coding, Splitter } from './content-coding.ts';
import { type BodyEncoder, ZlibStream } from './stream-coders.ts';
import { isHttp2 } from './write-head.ts';

interface Task {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The app's callback, if any; empty once Node has it. */
  readonly callback: unknown[];
  readonly isLast: boolean;
  /** A linked list: taking the first item of a long array moves all others. */
  next?: Task;
}

export class Transcoder {
  readonly #response: ServerResponse;
  readonly #sink: OutputSink;
  readonly #coding: Coding;
  readonly #transform: BodyTransform;
  readonly #onCorruptBody: () => void;
  readonly #onFree: () => void;
  readonly #splitter: Splitter | undefined;
  readonly #decoder: ZlibStream<Duplex>;
  readonly #encoder: BodyEncoder;
  #task: Task | undefined;
  #lastTask: Task | undefined;
  /** Calls after `end`. Node gets them once the body is complete, and refuses them as always. */
  readonly #late: (() => void)[] = [];
  #isRunning = false;
  #isEnding = false;
  /** Everything is sent, or cannot be any more: Node gets the app's calls as they come. */
  #isOver = false;
  /** The body is corrupt, and part of it is already sent. */
  #isBroken = false;
  /** The original body, until any of it is sent. */
  #original: OriginalBytes | undefined = new OriginalBytes();
  /** Encoded output that waits until enough of the body has been seen. */
  #held: Buffer[] = [];
  #contentLength = 0;
  #flushedLength = 0;
  #isPassthrough = false;
  #tail: Uint8Array = new Uint8Array();

  constructor(
    response: ServerResponse,
    sink: OutputSink,
    coding: Coding,
    transform: BodyTransform,
    onCorruptBody: () => void,
    onFree: () => void,
  ) {
    this.#response = response;
    this.#sink = sink;
    this.#coding = coding;
    this.#transform = transform;
    this.#onCorruptBody = onCorruptBody;
    this.#onFree = onFree;
    this.#splitter = coding.createSplitter?.();
    this.#decoder = new ZlibStream(coding.createDecoder());
    this.#encoder = coding.createEncoder();
    sink.write(new Uint8Array()); // sends the headers, as the first chunk of any body does
  }

  write(bytes: Uint8Array, callback: readonly unknown[]): false {
    if (this.#isOver) this.#sink.write(bytes, ...callback);
    else if (this.#isEnding) this.#late.push(() => this.#sink.write(bytes, ...callback));
    // Copy: the app may reuse its memory after the callback, but we may still have to send the original.
    else this.#add({ bytes: new Uint8Array(bytes), callback: [...callback], isLast: false });
    return false;
  }

  end(bytes: Uint8Array, callback: readonly unknown[]): void {
    // Node's own `end` uncorks, but too late here: it waits for callbacks that a corked response never calls.
    while (this.#response.writableCorked > 0) this.#response.uncork();
    const end = (): unknown => this.#sink.end(bytes.length > 0 ? bytes : undefined, ...callback);
    if (this.#isOver) return void end();
    if (this.#isEnding) return void this.#late.push(end);
    this.#isEnding = true;
    // Frameworks and apps ask whether somebody has ended the response, and would end it once more.
    Object.defineProperty(this.#response, 'writableEnded', { value: true, configurable: true });
    this.#add({ bytes: new Uint8Array(bytes), callback: [...callback], isLast: true });
  }

  #add(task: Task): void {
    if (this.#task === undefined) this.#task = task;
    else this.#lastTask!.next = task;
    this.#lastTask = task;
    // A method below has thrown, and its caller is long gone.
    if (!this.#isRunning) this.#run().catch(() => this.#response.destroy());
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let task = this.#task; task !== undefined; task = this.#task) {
      if (this.#isPassthrough) await this.#pass(task);
      else await this.#recode(task).catch(() => this.#giveUp(task));
      if (this.#isBroken) return; // `close` calls all waiting callbacks
      if (this.#task === task) this.#task = task.next;
    }
    this.#isRunning = false;
    // Outside any promise: an exception in an app's listener must be uncaught, as with Node's own `drain`.
    process.nextTick(() => {
      if (!this.#isRunning && !this.#isEnding && !this.#isOver) this.#response.emit('drain');
    });
  }

  async #recode(task: Task): Promise<void> {
    const { bytes, callback, isLast } = task;
    this.#original?.add(bytes);
    if (bytes.length > 0) {
      for (const part of this.#splitter?.split(bytes) ?? [bytes])
        for await (const content of this.#decoder.write(part)) await this.#take(content);
      if (this.#original?.isFull) throw new Error('no page in a megabyte of body');
      this.#tail = lastBytes(this.#tail, bytes);
      const hasContent = this.#contentLength > this.#flushedLength; // else there is nothing to flush yet
      if (!isLast && hasContent && this.#coding.isFlushed(this.#tail)) await this.#flush();
    }
    if (!isLast) return this.#callBack(callback);
    for await (const content of this.#decoder.end()) await this.#take(content);
    this.#decoder.stream.destroy();
    if (this.#splitter?.isComplete === false) throw new Error('the body is cut off');
    await this.#encode(this.#transform.end());
    for await (const piece of this.#encoder.end()) await this.#send(piece);
    this.#free();
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
    this.#flushedLength = this.#contentLength;
    for await (const piece of this.#encoder.flush()) await this.#send(piece);
    await this.#release();
  }

  /** Holds pieces back while the original may still be needed; after that, sends them at once. */
  async #send(piece: Buffer): Promise<void> {
    if (this.#original !== undefined) this.#held.push(piece);
    else await this.#write(piece);
  }

  /** From here on the original body can no longer be sent. */
  async #release(): Promise<void> {
    if (this.#original === undefined) return;
    this.#original = undefined;
    for (const piece of this.#held.splice(0)) await this.#write(piece);
  }

  /** Sends one piece at a time: an app that waits for `drain` is then never more than a few pieces ahead of the client. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#sink.write(bytes, () => resolve()));
  }

  async #pass({ bytes, callback, isLast }: Task): Promise<void> {
    if (bytes.length > 0) await this.#write(bytes);
    if (isLast) this.#end(callback);
    else await this.#callBack(callback);
  }

  /** Calls the app back when the socket has everything so far, or when the response closes. */
  #callBack(callback: unknown[]): Promise<void> {
    if (callback.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#sink.write(new Uint8Array(), (error: unknown) => {
        for (const call of callback.splice(0)) (call as (error: unknown) => void)(error); // `callbackOf` returns functions
        resolve();
      });
    });
  }

  /** Passes the original if nothing is sent yet; otherwise cuts the response off instead of ending it. */
  async #giveUp({ callback, isLast }: Task): Promise<void> {
    if (this.#isOver) return;
    this.#free();
    this.#onCorruptBody();
    if (this.#original === undefined) {
      this.#isBroken = true;
      return this.#cutOff();
    }
    this.#isPassthrough = true;
    const original = this.#original;
    this.#original = undefined;
    for (const bytes of original.take()) await this.#write(bytes);
    await this.#pass({ bytes: new Uint8Array(), callback, isLast });
  }

  /** Destroys the response, so that no client mistakes the page for complete. */
  #cutOff(): void {
    const { socket, chunkedEncoding } = this.#response;
    // Without an error HTTP/2 would reset the stream with NO_ERROR.
    if (isHttp2(this.#response)) return void this.#response.destroy(new Error('corrupt body'));
    try {
      // Without chunked coding, a closed connection is the normal end of a body.
      if (!chunkedEncoding) socket?.resetAndDestroy();
    } catch {} // TLS and Unix sockets cannot be reset
    this.#response.destroy();
  }

  #end(callback: unknown[]): void {
    this.#isOver = true;
    Reflect.deleteProperty(this.#response, 'writableEnded');
    this.#sink.end(undefined, ...callback.splice(0)); // methods below may mistake a callback in first place for a chunk
    for (const call of this.#late.splice(0)) call();
  }

  /** Frees the coders' memory as soon as they are done. */
  #free(): void {
    this.#decoder.stream.destroy();
    this.#encoder.destroy();
    this.#onFree();
  }

  /** The response has closed: the client has disconnected, or has everything. */
  close(): void {
    this.#isOver = true;
    this.#free();
    // Write to the closed response, so that Node calls every callback with an error.
    for (let task = this.#task; task !== undefined; task = task.next)
      if (task.callback.length > 0) this.#sink.write(new Uint8Array(1), ...task.callback.splice(0));
    this.#task = undefined;
    for (const call of this.#late.splice(0)) call();
    this.#original = undefined;
    this.#held = [];
  }
}

function lastBytes(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  return bytes.length >= 4 ? bytes.slice(-4) : Buffer.concat([before, bytes]).subarray(-4);
}
