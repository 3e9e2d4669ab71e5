/** Reads the signing key from a file or standard input. No message shows the file's name: a key may stand in its place. */
import { createReadStream } from 'node:fs';
import { Mistake } from './mistake.ts';
import type { Input } from './process-parts.ts';
import { reasonOf } from './system-error.ts';

/** In bytes. A key of Cloudflare's has about 40. */
const maxLength = 16_384;

/** @returns the keys, one a line, the newest first */
export async function readKeyFile(file: string, input: Input): Promise<readonly string[]> {
  const text = await readText(file === '-' ? input : createReadStream(file));
  // An editor or `echo` puts a line end after the last line; other white space is told, since it may belong to the key.
  const keys = text.split(/\r?\n/).filter((line) => line !== '');
  if (keys.length > 0) return keys;
  throw new Mistake(file === '-' ? 'There is no key on standard input.' : 'The file of --key-file is empty.');
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let length = 0;
  let text = '';
  try {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > maxLength) throw new Mistake(`--key-file: what it holds is too long for a key.`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof Mistake) throw error;
    if (error instanceof TypeError) throw new Mistake('--key-file: what it holds is not UTF-8 text.');
    throw new Mistake(`--key-file: the file cannot be read: ${reasonOf(error)}.`);
  }
}
