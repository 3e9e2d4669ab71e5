/** Runs the command in this process, with streams that a test fills and reads. */
import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { Command, ExitCode } from '../../../src/tools/cli/command.ts';
import { commands, main } from '../../../src/tools/cli/main.ts';
import type { Environment } from '../../../src/tools/cli/output.ts';
import { key } from '../samples.ts';

export interface Run {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** By default it has a key. */
  readonly env?: Environment;
  /** What stands on standard input; undefined for a terminal. */
  readonly stdin?: string | readonly Uint8Array[];
  /** Whether standard output and error are terminals. */
  readonly isTTY?: boolean;
  /** Whether `stdin` is what somebody types. */
  readonly isTyped?: boolean;
  /** By default those of the program. */
  readonly among?: readonly Command[];
  /** Where a test sends signals. */
  readonly signals?: EventEmitter;
  /** Hears what goes to standard output as it comes. */
  readonly onAnswer?: (text: string) => void;
  /** Hears what goes to standard error as it comes. */
  readonly onNote?: (text: string) => void;
}

class Sink extends Writable {
  readonly chunks: Buffer[] = [];
  readonly isTTY: boolean;

  readonly #onText: ((text: string) => void) | undefined;

  constructor(isTTY: boolean, onText?: (text: string) => void) {
    super({ decodeStrings: true });
    this.isTTY = isTTY;
    this.#onText = onText;
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.chunks.push(chunk);
    this.#onText?.(chunk.toString('utf8'));
    callback();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

export async function runCommand(
  args: readonly string[],
  {
    env = { IMAGES_KEY: key },
    stdin,
    isTTY = false,
    isTyped = stdin === undefined,
    among = commands,
    signals = new EventEmitter(),
    onAnswer,
    onNote,
  }: RunOptions = {},
): Promise<Run> {
  const [stdout, stderr] = [new Sink(isTTY, onAnswer), new Sink(isTTY, onNote)];
  const input = Object.assign(
    Readable.from(typeof stdin === 'string' ? [Buffer.from(stdin)] : (stdin ?? [])),
    {
      isTTY: isTyped,
    },
  );
  const code = await main(
    args,
    { stdin: input, stdout, stderr, env, on: (name, listener) => signals.on(name, listener) },
    among,
  );
  return { code, stdout: stdout.text, stderr: stderr.text };
}
