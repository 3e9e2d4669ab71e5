/** The shape of a command, and what it receives. */
import type { GivenOptions } from './arguments.ts';
import type { OptionName } from './option-table.ts';
import type { Environment, Output, OutputStream, Secrets } from './output.ts';

/** 0: done, or the answer is yes. 1: the answer is no. 2: the command could not run. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the name in its usage. */
  readonly operands: string;
  /** Some sentences for the command's help, at most 100 characters per line. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
  readonly options: readonly OptionName[];
  run(invocation: Invocation): Promise<ExitCode>;
}

export interface Invocation {
  readonly options: GivenOptions;
  /** Arguments other than options. */
  readonly operands: readonly string[];
  readonly input: Input;
  /** Standard output: only the answer. */
  readonly answer: Output;
  /** Standard error. */
  readonly notes: Output;
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly signals: Signals;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** How a running command receives signals. Without a listener, the process ends at once. */
export interface Signals {
  on(signal: StopSignal, listener: () => void): unknown;
}

/** The parts of `process` that the command uses. */
export interface ProcessParts extends Signals {
  readonly stdin: Input;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
}

export interface Input extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean | undefined;
}
