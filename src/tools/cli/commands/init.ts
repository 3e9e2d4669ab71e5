/** `image-signer init`: writes a first configuration, and shows the lines for the app. Its texts are loaded when it runs. */

import { access, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type Server, serverOf, servers } from '../../init/servers.ts';
import { configFileOf, environmentFileOf, type Store, stores } from '../../init/stores.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { Mistake, reasonOf } from '../mistake.ts';
import { findConfigFile } from '../option-files.ts';

/** @param folder - the project's */
export function createInitCommand(folder: () => string): Command {
  return {
    name: 'init',
    summary: 'writes a first configuration, and shows the lines for the app',
    operands: '',
    about: [
      'Asks for the server, the store and TypeScript, and writes image-signer.config.mjs, or .ts, and',
      '.env.example into the working directory. It never changes an existing file: it shows what to add,',
      'and the exit code is 1.',
    ],
    examples: ['image-signer init', 'image-signer init --server express --store s3 --typescript'],
    options: ['server', 'store', 'typescript', 'dry-run'],
    run: (invocation) => init(invocation, folder()),
  };
}

export const initCommand: Command = createInitCommand(() => process.cwd());

interface File {
  readonly name: string;
  readonly isThere: boolean;
  readonly missing: string;
}

async function init(invocation: Invocation, folder: string): Promise<ExitCode> {
  const { options, operands, answer, notes, input } = invocation;
  if (operands.length > 0) throw new Mistake('init takes no operands. It writes into the working directory.');
  const terminal = input.isTTY === true ? new Questions(invocation) : undefined;
  const used = serverOf(await dependenciesIn(folder));
  const server = await choose<Server>(
    'server',
    servers,
    used ?? servers[0]!,
    options.text('server'),
    terminal,
  );
  const store = await choose<Store>('store', stores, stores[0]!, options.text('store'), terminal);
  const isTypeScript =
    options.has('typescript') ||
    (terminal !== undefined &&
      (await terminal.agree('TypeScript?', await isThere(join(folder, 'tsconfig.json')))));
  // The commands read only one of them: a second one would have no effect.
  const known = await findConfigFile(folder);
  const config = known === undefined ? `image-signer.config.${isTypeScript ? 'ts' : 'mjs'}` : basename(known);
  const [given, environment] = [await textOf(folder, config), await textOf(folder, '.env.example')];
  const text = configFileOf(store, server);
  const files: readonly File[] = [
    { name: config, isThere: given !== undefined, missing: given === text ? '' : text },
    {
      name: '.env.example',
      isThere: environment !== undefined,
      missing: environmentFileOf(store, environment),
    },
  ];
  let code: ExitCode = 0;
  for (const file of files) if (!(await write(file, folder, options.has('dry-run'), invocation))) code = 1;
  await answer.write(nextSteps(server, store, config));
  if (!(await ignoresEnvironment(folder)))
    await notes.line({ style: 'yellow', text: 'Add .env to .gitignore: it will hold your secrets.' });
  return code;
}

/** @throws Mistake for an unknown name, or without a terminal */
async function choose<One extends { readonly name: string; readonly about: string }>(
  what: 'server' | 'store',
  all: readonly One[],
  usual: One,
  given: string | undefined,
  terminal: Questions | undefined,
): Promise<One> {
  const names = all.map(({ name }) => name);
  const found = all.find(({ name }) => name === given);
  if (found !== undefined) return found;
  if (given !== undefined) throw new Mistake(`--${what} takes one of ${names.join(', ')}.`);
  if (terminal === undefined)
    throw new Mistake(
      `init needs a terminal for its questions. Without one, answer with flags: --server express --store s3, and --typescript for TypeScript. --${what} takes one of ${names.join(', ')}.`,
    );
  return terminal.choose(`Which ${what}?`, all, usual);
}

/** @returns false if the user must add something to the file */
async function write(
  { name, isThere, missing }: File,
  folder: string,
  isDry: boolean,
  { notes, answer }: Invocation,
): Promise<boolean> {
  if (missing === '') {
    await notes.line(`${name} is unchanged.`);
    return true;
  }
  if (isThere || isDry) {
    const note = isThere ? ' exists already, and is unchanged. Add what it lacks of this' : '';
    await answer.write(`${name}${note}:\n\n${missing}\n`);
    return isDry;
  }
  try {
    // Does not overwrite a file that was made in the meantime.
    await writeFile(join(folder, name), missing, { flag: 'wx' });
  } catch (error) {
    throw new Mistake(`${name} cannot be written: ${reasonOf(error)}.`);
  }
  await notes.line({ style: 'green', text: `${name} is written.` });
  return true;
}

function nextSteps({ entry, use }: Server, { secrets }: Store, config: string): string {
  const names = Object.keys(secrets).join(' and ');
  // TypeScript finds the .ts file by this name; Node.js without it needs the real name.
  const isTypeScript = config.endsWith('.ts');
  const file = `./${isTypeScript ? config.replace(/ts$/, 'js') : config}`;
  const note = isTypeScript ? " // or '.ts', where Node.js runs TypeScript itself" : '';
  return [
    '',
    `1. Replace the values marked "yours" in ${config}.`,
    `2. Copy .env.example to .env, and fill in ${names}. Node.js reads it with node --env-file=.env`,
    '3. In the app:',
    '',
    `import { imageSigner } from '${entry}';`,
    `import config from '${file}';${note}`,
    '',
    ...use,
    '',
    `4. Start the app, and check that it works. The command reads the configuration and .env${isTypeScript ? ' (with Node.js 22.18 or later)' : ''}:`,
    '',
    'npx image-signer check http://localhost:3000/',
    '',
  ].join('\n');
}

/** Asks the user at the terminal, a line at a time. */
class Questions {
  readonly #notes: Invocation['notes'];
  readonly #lines: AsyncIterator<string>;

  constructor({ notes, input }: Invocation) {
    this.#notes = notes;
    this.#lines = createInterface({ input: Readable.from(input), terminal: false })[Symbol.asyncIterator]();
  }

  async choose<One extends { readonly name: string; readonly about: string }>(
    question: string,
    all: readonly One[],
    usual: One,
  ): Promise<One> {
    const width = Math.max(...all.map(({ name }) => name.length));
    await this.#notes.line({ style: 'bold', text: question });
    for (const [index, { name, about }] of all.entries())
      await this.#notes.line(`${String(index + 1).padStart(4)}  ${name.padEnd(width)}  ${about}`);
    for (;;) {
      const line = await this.#ask(`Name or number [${usual.name}]: `);
      const found = all.find(({ name }, index) => line === name || line === `${index + 1}`);
      if (line === '' || found !== undefined) return found ?? usual;
    }
  }

  async agree(question: string, usual: boolean): Promise<boolean> {
    const line = await this.#ask(`${question} [${usual ? 'Y/n' : 'y/N'}] `);
    return line === '' ? usual : /^y/i.test(line);
  }

  /** @throws Mistake if the terminal was closed */
  async #ask(question: string): Promise<string> {
    await this.#notes.write(question);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Mistake('The input ended before the last question. Nothing is written.');
    return value.trim();
  }
}

async function dependenciesIn(folder: string): Promise<readonly string[]> {
  try {
    const { dependencies, devDependencies } = JSON.parse((await textOf(folder, 'package.json')) ?? '{}');
    return Object.keys({ ...dependencies, ...devDependencies });
  } catch {
    return []; // init does not judge a broken package.json
  }
}

async function ignoresEnvironment(folder: string): Promise<boolean> {
  const ignored = (await textOf(folder, '.gitignore')) ?? '';
  return ignored.split('\n').some((line) => /^\/?\.env(?:\*|\.\*)?$/.test(line.trim()));
}

/** @throws Mistake if the file exists but cannot be read */
async function textOf(folder: string, name: string): Promise<string | undefined> {
  const file = join(folder, name);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!(await isThere(file))) return undefined;
    throw new Mistake(`${name} cannot be read: ${reasonOf(error)}.`);
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
