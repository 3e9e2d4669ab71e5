/** `image-signer dev`: delivers the images of a folder, for development. The server is loaded when it starts. */

import { realpath } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { coreOf } from '../../../signer/core.ts';
import { type AnsweredRequest, createDevelopmentDelivery } from '../../dev/development-delivery.ts';
import { type DevelopmentKey, developmentKey } from '../../dev/development-key.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { addressOf, listen, portOf, stopOf, untilStopped } from '../listening.ts';
import { Mistake } from '../mistake.ts';
import type { Output } from '../output.ts';
import { type Defaults, optionMistake, type Setup, setUpSigner } from '../signer-setup.ts';

/** It has 22 characters, as a hash of Cloudflare's, and shows what it is. */
const accountHash = 'local-development-only';

/** `public` is the variant that every new account has. */
const variants = {
  thumb: { width: 320 },
  card: { width: 640 },
  hero: { width: 1280 },
  public: { width: 1366, height: 768 },
  preview: { width: 640, blur: 50, alwaysPublic: true },
} as const;

const ttl = '1d';

export const devCommand: Command = {
  name: 'dev',
  summary: 'delivers a folder of pictures on your own machine, for development',
  operands: '--pictures <folder>',
  about: [
    'Delivers the pictures of a folder with tokens and variants, and draws why it refuses an image.',
    'Without a configuration, it acts as Cloudflare Images: it makes a key and variants, and prints the',
    'lines for the app. With one, it serves the store of the configuration. For S3 or another scheme,',
    "set the scheme's url to http://localhost:8787. SIGTERM or SIGINT (Ctrl+C) ends it.",
  ],
  examples: [
    'image-signer dev --pictures ./pictures',
    'image-signer dev --pictures ./pictures --config image-signer.config.mjs --placeholder',
  ],
  options: ['pictures', 'port', 'host', 'config', 'env-file', 'key-file', 'placeholder'],
  run,
};

async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, operands, answer, notes } = invocation;
  if (operands.length > 0)
    throw new Mistake('dev takes no operands. Name the folder with --pictures <folder>.');
  const port = portOf(options.text('port') ?? '8787');
  const host = options.text('host') ?? '127.0.0.1';
  let open: (listener: RequestListener) => void = () => {};
  const opened = new Promise<RequestListener>((resolve) => {
    open = resolve;
  });
  const server = createServer((request, response) => {
    opened.then(
      (listener) => listener(request, response),
      () => {},
    ); // it is never refused
  });
  const stop = stopOf(server);
  // Listens first: the port is part of the delivery's URLs.
  const address = addressOf(host, await listen(server, port, host));
  try {
    const { lines, listener } = await prepare(invocation, address);
    open(listener);
    const ended = untilStopped(invocation, stop);
    await answer.write(`${lines.join('\n')}\n`);
    await notes.line({ style: 'dim', text: 'A line for every request follows. Ctrl+C ends it.' });
    return await ended;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

interface Prepared {
  readonly listener: RequestListener;
  /** Printed at the start. */
  readonly lines: readonly string[];
}

async function prepare(invocation: Invocation, address: string): Promise<Prepared> {
  const { options, environment, notes } = invocation;
  let made: DevelopmentKey | undefined;
  const pictures = options.text('pictures');
  const ownDefaults: Defaults = {
    ttl,
    variants,
    accountHash,
    delivery: address,
    async key() {
      made = await developmentKey(await realpath(pictures ?? '.').catch(() => ''), environment);
      return made.key;
    },
  };
  // A configuration file has its own variants and account, whether it was named or found.
  const setup = await setUpSigner(invocation, (file) => (file === undefined ? ownDefaults : { ttl }));
  const directory = pictures ?? setup.deliveryOptions['directory'];
  if (directory === undefined)
    throw new Mistake('No folder of pictures is given. Name it with --pictures ./pictures');
  try {
    const listener = await createDevelopmentDelivery({
      signer: setup.signer,
      deliveryOptions: { ...setup.deliveryOptions, directory },
      drawsPlaceholders: options.has('placeholder'),
      onRequest: (request) => void writeRequest(notes, request),
      onProblem: (sentence) => void notes.line({ style: 'yellow', text: sentence }).catch(() => {}), // nobody reads
    });
    const begin = `The pictures in ${directory} are served at ${address}.`;
    const lines = setup.file !== undefined ? linesForConfig(setup, address) : linesForApp(made, address);
    return { listener, lines: [begin, ...(lines.length === 0 ? [] : ['', ...lines]), ''] };
  } catch (error) {
    throw optionMistake(
      error,
      pictures === undefined ? setup.sources : new Map([['directory', '--pictures']]),
    );
  }
}

/** @param made - undefined if the key comes from IMAGES_KEY or a file */
function linesForApp(made: DevelopmentKey | undefined, address: string): string[] {
  const key = made === undefined ? 'process.env.IMAGES_KEY' : `'${made.key}'`;
  const entries = Object.entries(variants).map(([name, policy]) => {
    const members = Object.entries(policy).map(([member, value]) => `${member}: ${value}`);
    return `      ${name}: { ${members.join(', ')} },`;
  });
  const kept = made?.isKept === false ? ['The key could not be stored. A restart makes a new one.', ''] : [];
  return [
    ...kept,
    'Add this to the app in development:',
    '',
    '  imageSigner({',
    `    key: ${key},`,
    `    ttl: '${ttl}',`,
    `    accountHash: '${accountHash}',`,
    `    delivery: '${address}',`,
    '    variants: {',
    ...entries,
    '    },',
    '  })',
  ];
}

function linesForConfig({ signer, file }: Setup, address: string): string[] {
  const { schemes } = coreOf(signer)!.configuration; // it is a signer
  const bases = schemes.flatMap(({ namedBases }) => namedBases);
  const { host, port } = new URL(address);
  const own = [host, `127.0.0.1:${port}`, `localhost:${port}`];
  // A base without a host is on the page's own host.
  if (bases.some(({ authority }) => authority === undefined || own.includes(authority))) return [];
  const [option, place] = schemes.some(({ hasVariants }) => hasVariants)
    ? ['delivery', '']
    : ['url', 'the scheme of '];
  return [
    `To show these pictures in the app, set this in ${place}${file}:`,
    '',
    `  ${option}: process.env.NODE_ENV === 'production' ? '${bases[0]?.text}' : '${address}',`,
  ];
}

function writeRequest(notes: Output, { method, path, status, why }: AnsweredRequest): Promise<void> {
  const isGood = status !== undefined && status < 400;
  const begin = { style: isGood ? 'green' : 'red', text: `${status ?? 'gone'}` } as const;
  const named = method === 'GET' ? '' : ` ${method}`;
  const end = why === undefined ? [] : [{ style: isGood ? 'dim' : 'yellow', text: `  ${why}` } as const];
  return notes.line(begin, `${named} ${path}`, ...end).catch(() => {}); // nobody reads
}
