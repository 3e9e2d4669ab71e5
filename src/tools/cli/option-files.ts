/** Reads the files of `--config`, `--env-file` and `--key-file`. No message shows a part of their content. */
import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import type { Input, Invocation } from './command.ts';
import { Mistake, reasonOf } from './mistake.ts';

/** In bytes. A Cloudflare key has about 40. */
const maxKeyFileLength = 16_384;

/** In this order. Node.js reads the last one from 22.18 on. */
const defaultNames = ['image-signer.config.mjs', 'image-signer.config.js', 'image-signer.config.ts'];

/**
 * Finds the default file, for a command line without `--config` and other signer options. It looks in one folder only, and
 * not above it: a file there could be a stranger's code.
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
      `${file} exports no options. Use a default export, module.exports or a JSON object, such as { "ttl": "1d", "variants": ["thumb"] }.`,
    );
  }
  if ('signImage' in value) {
    throw new Mistake(`${file} exports a signer. Export { signer }, or the options of createSigner.`);
  }
  return { ...value };
}

/**
 * Sets variables that the environment lacks, before the options file runs: those of `--env-file`, or of `.env` beside the
 * default file. Node.js itself reads `--env-file` at its start, and exits with 9 if it cannot. No message shows the given
 * name: it may be a key by mistake.
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
 * Reads the signing key from a file or standard input. No message shows the file's name: it may be a key by mistake.
 * @returns the keys, one a line, the newest first
 */
export async function readKeyFile(file: string, input: Input): Promise<readonly string[]> {
  const text = await readText(file === '-' ? input : createReadStream(file));
  // Editors and `echo` end the last line. Other white space is reported later: it may belong to the key.
  const keys = text.split(/\r?\n/).filter((line) => line !== '');
  if (keys.some((key) => /^(?:#|(?:export )?[A-Z][A-Z\d_]*=[^=])/.test(key)))
    throw new Mistake(
      '--key-file: a line sets a variable, or is a comment. Read such a file with --env-file.',
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
    // The message of `JSON.parse` would show part of the file, and perhaps of the key.
    throw new Mistake(`${file} is not JSON.`);
  }
}

async function importDefault(file: string): Promise<unknown> {
  if (!['.js', '.mjs', '.cjs', '.ts', '.mts'].includes(extname(file)))
    throw new Mistake('--config takes a file that ends in .js, .mjs, .cjs, .ts, .mts or .json.');
  if (/\.m?ts$/.test(file) && !readsTypeScript())
    throw new Mistake(
      `${file} is TypeScript, which needs Node.js 22.18 or later. Update Node.js, or write the file as .mjs.`,
    );
  // Read first, so that a missing file gets another message than a file that throws.
  await readFile(file).catch((error: unknown) => {
    throw new Mistake(`${file} cannot be read: ${reasonOf(error)}.`);
  });
  try {
    const { default: value } = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
    return value;
  } catch (error) {
    // A scheme in the file refused its options. Its message shows no secret.
    if (error instanceof Error && error.name === 'ImageSignerError')
      throw new Mistake(`${file}: ${error.message}`);
    // A message such as "<the key> is not defined" would show a key without quotes.
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
      if (length > maxKeyFileLength) throw new Mistake('--key-file: the content is too long for a key.');
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof Mistake) throw error;
    if (error instanceof TypeError) throw new Mistake('--key-file: the content is not UTF-8 text.');
    throw new Mistake(`--key-file: the file cannot be read: ${reasonOf(error)}.`);
  }
}
