/** The parts of `process` that the command uses. */
import type { Writable } from 'node:stream';

export interface ProcessParts {
  readonly stdin: Input;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
}

export interface Input extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean | undefined;
}

export type OutputStream = Writable & { readonly isTTY?: boolean };

export type Environment = Readonly<Record<string, string | undefined>>;
