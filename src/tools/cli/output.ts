/**
 * Standard output and standard error. Texts may come from strangers: characters that could control a terminal, or reorder
 * its text, are escaped here, and keys are hidden.
 */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { invisible } from '../../url/redaction.ts';

export type OutputStream = Writable & { readonly isTTY?: boolean };

export type Environment = Record<string, string | undefined>;

/** The reader has closed our output, as `head` does. Nothing is left to do. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** Part of a line, with its colour on a terminal. */
export type Piece =
  | string
  | { readonly style: 'red' | 'green' | 'yellow' | 'bold' | 'dim'; readonly text: string };

const everyInvisible = new RegExp(invisible.source, 'gu');

/** A shorter text may occur by chance, and replacing it would garble the output. It isn't a usable key either. */
const minSecretLength = 8;

/**
 * The keys that this run knows. A key may occur in the output because somebody pasted it instead of a URL or a variant:
 * it is replaced there.
 */
export class Secrets {
  readonly #texts: Set<string> = new Set();

  /** @param key - any value of the option `key` */
  add(key: unknown): void {
    for (const text of [key].flat()) {
      if (typeof text === 'string' && text.trim().length >= minSecretLength) this.#texts.add(text.trim());
    }
  }

  isIn(text: string): boolean {
    return this.hide(text) !== text;
  }

  hide(text: string): string {
    let hidden = text;
    for (const each of this.#texts) hidden = hidden.replaceAll(each, '…');
    return hidden;
  }
}

export class Output {
  readonly #stream: OutputStream;
  readonly #secrets: Secrets;
  readonly #isColored: boolean;
  #error: NodeJS.ErrnoException | undefined;

  constructor(stream: OutputStream, environment: Environment, secrets: Secrets) {
    this.#stream = stream;
    this.#secrets = secrets;
    this.#isColored = wantsColors(stream.isTTY === true, environment);
    // Without a listener, a closed pipe would end the process with a stack trace.
    stream.on('error', (error) => {
      this.#error ??= error;
    });
  }

  /** Writes bytes unchanged, and waits for a slow reader. @throws ReaderGone */
  async write(bytes: Uint8Array | string): Promise<void> {
    this.#checkOpen();
    if (bytes.length > 0 && !this.#stream.write(bytes)) await this.#drained();
    this.#checkOpen();
  }

  /** Writes one line. @throws ReaderGone */
  async line(...pieces: readonly Piece[]): Promise<void> {
    await this.write(`${pieces.map((piece) => this.#show(piece)).join('')}\n`);
  }

  /** Replaces the current line of a terminal, for progress; writes nothing elsewhere. An empty text clears it. */
  async progress(text: string): Promise<void> {
    if (this.#stream.isTTY === true) await this.write(`\r\u001b[K${this.#show(text)}`);
  }

  /** Writes a value as one line of JSON. @throws ReaderGone */
  async json(value: unknown): Promise<void> {
    const text = JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'string' ? this.#secrets.hide(each) : each,
    );
    await this.write(`${text.replace(everyInvisible, escapeInJson)}\n`);
  }

  /** Resolves when the reader has everything, or has gone. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#error !== undefined || this.#stream.destroyed) resolve();
      else this.#stream.write('', () => resolve());
    });
    if (this.#error !== undefined && !isClosedPipe(this.#error)) throw this.#error;
  }

  #show(piece: Piece): string {
    const { text, style } = typeof piece === 'string' ? { text: piece, style: undefined } : piece;
    const shown = this.#secrets.hide(text).replace(everyInvisible, escapeInText);
    // `wantsColors` has decided for this stream.
    return style === undefined || !this.#isColored
      ? shown
      : styleText(style, shown, { validateStream: false });
  }

  async #drained(): Promise<void> {
    const stream = this.#stream;
    await new Promise<void>((resolve) => {
      const events = ['drain', 'error', 'close'] as const;
      const done = (): void => {
        for (const event of events) stream.off(event, done);
        resolve();
      };
      for (const event of events) stream.on(event, done);
    });
  }

  #checkOpen(): void {
    if (this.#error !== undefined && !isClosedPipe(this.#error)) throw this.#error;
    if (this.#error !== undefined || this.#stream.destroyed) throw new ReaderGone();
  }
}

function isClosedPipe({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

function escapeInText(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** `JSON.stringify` escapes no control character beyond U+001F. */
function escapeInJson(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** As Node.js itself decides: `FORCE_COLOR` wins over `NO_COLOR`, whatever the output is. */
function wantsColors(isTerminal: boolean, { FORCE_COLOR, NO_COLOR, TERM }: Environment): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
