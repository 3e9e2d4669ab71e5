/** Reads the files that hold options of a signer: those of `--config` and `--key-file`. No message shows a part of them. */
import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import type { Input, Invocation } from './command.ts';
import { Mistake, reasonOf } from './mistake.ts';

/** In bytes. A key of Cloudflare's has about 40. */
const maxKeyFileLength = 16_384;

/** Where Node.js reads TypeScript, in this order. */
const defaultNames = ['image-signer.config.mjs', 'image-signer.config.js', 'image-signer.config.ts'];

/**
 * Finds the file that is read where neither `--config` nor another option of the signer is given. It is looked for in one
 * folder alone, and in none above: running what lies in one of those would run a stranger's code.
 * @param folder - the working directory
 */
export async function findConfigFile(folder: string): Promise<string | undefined> {
  for (const name of defaultNames) {
    const file = join(folder, name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

/**
 * Reads the file of `--config`, or the one that was found.
 * @returns a copy of the options that the file exports
 */
export async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  const value = extname(file) === '.json' ? await readJson(file) : await importDefault(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mistake(
      `${file} exports no options. It needs a default export, module.exports or a JSON object, such as { "ttl": "1d", "variants": ["thumb"] }.`,
    );
  }
  if ('signImage' in value) {
    throw new Mistake(`${file} exports a signer. Export the options that createSigner is called with.`);
  }
  return { ...value };
}

/**
 * Sets variables that the environment does not have, before the file of the options is run: those of `--env-file`; or of `.env`
 * beside a file that was found. Node.js reads a file of `--env-file` itself as it starts, and ends with 9 where it cannot. No
 * message of ours shows the name that was given: a key may stand in its place.
 * @throws Mistake
 */
export async function setVariables(
  { options, environment, secrets }: Invocation,
  isFound: boolean,
): Promise<void> {
  const name = options.text('env-file');
  if (name === undefined && !isFound) return;
  try {
    const variables = parseEnv(await readFile(name ?? '.env', 'utf8'));
    for (const [variable, value] of Object.entries(variables)) environment[variable] ??= value;
  } catch (error) {
    if (name === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
    const what = name === undefined ? '.env' : '--env-file: the file';
    throw new Mistake(`${what} cannot be read: ${reasonOf(error)}.`);
  }
  secrets.add(environment['IMAGES_KEY']);
}

/**
 * Reads the signing key from a file or standard input. No message shows the file's name: a key may stand in its place.
 * @returns the keys, one a line, the newest first
 */
export async function readKeyFile(file: string, input: Input): Promise<readonly string[]> {
  const text = await readText(file === '-' ? input : createReadStream(file));
  // An editor or `echo` puts a line end after the last line; other white space is reported, since it may belong to the key.
  const keys = text.split(/\r?\n/).filter((line) => line !== '');
  if (keys.some((key) => /^(?:#|(?:export )?[A-Z][A-Z\d_]*=[^=])/.test(key)))
    throw new Mistake(
      '--key-file: a line of it sets a variable, or is a comment. --env-file reads such a file.',
    );
  if (keys.length > 0) return keys;
  throw new Mistake(file === '-' ? 'There is no key on standard input.' : 'The file of --key-file is empty.');
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Mistake(`${file} cannot be read: ${reasonOf(error)}.`);
  });
  try {
    return JSON.parse(text);
  } catch {
    // The message of `JSON.parse` would show a part of the file, and so perhaps of the key.
    throw new Mistake(`${file} is not JSON.`);
  }
}

async function importDefault(file: string): Promise<unknown> {
  if (!['.js', '.mjs', '.cjs', '.ts', '.mts'].includes(extname(file)))
    throw new Mistake(`--config takes a file that ends in .js, .mjs, .cjs, .ts, .mts or .json.`);
  if (/\.m?ts$/.test(file) && !readsTypeScript())
    throw new Mistake(
      `${file} is TypeScript, which Node.js reads from 22.18 on. Write it as .mjs, or update Node.js.`,
    );
  // Reads it once before: a file that is missing gets another message than a file that throws.
  await readFile(file).catch((error: unknown) => {
    throw new Mistake(`${file} cannot be read: ${reasonOf(error)}.`);
  });
  try {
    const { default: value } = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
    return value;
  } catch (error) {
    // A scheme in the file refuses its options, and shows no secret.
    if (error instanceof Error && error.name === 'ImageSignerError')
      throw new Mistake(`${file}: ${error.message}`);
    // A message such as "<the key> is not defined" would show a key that lacks its quotes.
    const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : 'an error';
    throw new Mistake(`${file} fails with ${name}. \`node ${file}\` shows more.`);
  }
}

/** @see https://nodejs.org/api/process.html#processfeaturestypescript */
function readsTypeScript(): boolean {
  const { typescript } = process.features as { readonly typescript?: string | false };
  return Boolean(typescript);
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let length = 0;
  let text = '';
  try {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > maxKeyFileLength) throw new Mistake(`--key-file: what it holds is too long for a key.`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof Mistake) throw error;
    if (error instanceof TypeError) throw new Mistake('--key-file: what it holds is not UTF-8 text.');
    throw new Mistake(`--key-file: the file cannot be read: ${reasonOf(error)}.`);
  }
}
