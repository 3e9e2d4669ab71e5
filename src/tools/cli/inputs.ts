/** What a command is asked about: its operands, or else the lines of standard input. */
import type { ExitCode, Invocation } from './command.ts';
import { Mistake } from './mistake.ts';
import { ReaderGone } from './output.ts';

/** Twice the longest URL that is signed, in UTF-16 code units. The rest of a longer line is dropped: it is no URL. */
const maxLineLength: number = 32_768;

/** Lines of UTF-8 without white space around them; empty ones are left out. */
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
 * @throws Mistake if there are none to come
 */
export function inputsOf(
  { operands, options, input }: Invocation,
  what: string,
): AsyncIterable<string> | Iterable<string> {
  const isFromInput = operands.length === 0 || (operands.length === 1 && operands[0] === '-');
  if (!isFromInput) return operands;
  if (options.text('key-file') === '-') {
    throw new Mistake(`Standard input holds the key (--key-file -), so ${what} have to be arguments.`);
  }
  if (input.isTTY === true && operands.length === 0) {
    throw new Mistake(`Give ${what} as arguments, or one a line on standard input.`);
  }
  return readLines(input);
}

/**
 * Answers one input after the other, and as soon as it comes.
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
    // A `no` that was said before counts, even if nobody reads on.
    if (!(error instanceof ReaderGone)) throw error;
  }
  return code;
}
