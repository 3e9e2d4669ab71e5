/**
 * Reads the file of `--config`. No file is read without the option: running what happens to lie in a folder would run a
 * stranger's code.
 */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Mistake, reasonOf } from './mistake.ts';

/** @returns a copy of the options that the file exports */
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
  if (!['.js', '.mjs', '.cjs'].includes(extname(file))) {
    throw new Mistake(`--config takes a file that ends in .js, .mjs, .cjs or .json.`);
  }
  // Reads it once before: a file that is missing gets another message than a file that throws.
  await readFile(file).catch((error: unknown) => {
    throw new Mistake(`${file} cannot be read: ${reasonOf(error)}.`);
  });
  try {
    const { default: value } = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
    return value;
  } catch (error) {
    // A message such as "<the key> is not defined" would show a key that lacks its quotes.
    const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : 'an error';
    throw new Mistake(`${file} fails with ${name}. \`node ${file}\` shows more.`);
  }
}
