/** The inputs of a command: its operands, or else the lines of standard input. */
import type { ExitCode, Invocation } from './command.ts';
import { Mistake } from './mistake.ts';
import { ReaderGone } from './output.ts';

/** Twice the longest signable URL, in UTF-16 code units. The rest of a longer line is dropped: it isn't a URL. */
const maxLineLength: number = 32_768;

/** Trimmed lines of UTF-8, without empty ones. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let line = '';
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    for (const [index, part] of parts.entries()) {
      line += part.slice(0, maxLineLength - line.length);
      if (index === parts.length - 1) continue;
      if (line.trim() !== '') yield line.trim();
      line = '';
    }
  }
  if (line.trim() !== '') yield line.trim();
}

/**
 * URLs or ids, in order.
 * @param what - in the plural, for messages
 * @throws Mistake if there is no input
 */
export function inputsOf(
  { operands, options, input }: Invocation,
  what: string,
): AsyncIterable<string> | Iterable<string> {
  const isFromInput = operands.length === 0 || (operands.length === 1 && operands[0] === '-');
  if (!isFromInput) return operands;
  if (options.text('key-file') === '-') {
    throw new Mistake(`Standard input holds the key (--key-file -), so ${what} must be arguments.`);
  }
  if (input.isTTY === true && operands.length === 0) {
    throw new Mistake(`Give ${what} as arguments, or one per line on standard input.`);
  }
  return readLines(input);
}

/**
 * Answers every input as soon as it arrives.
 * @param answer - false if the answer is no
 */
export async function answerEach(
  inputs: AsyncIterable<string> | Iterable<string>,
  answer: (input: string) => Promise<boolean>,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  try {
    for await (const input of inputs) if (!(await answer(input))) code = 1;
  } catch (error) {
    // An earlier `no` counts, even if the reader has gone.
    if (!(error instanceof ReaderGone)) throw error;
  }
  return code;
}
