/** Makes a signer from the command line, the environment and the `--config` file. */
import { ImageSignerError } from '../../errors.ts';
import type { AccessRules, MiddlewareConfiguration } from '../../options/configuration.ts';
import { parseMiddleware } from '../../options/parse.ts';
import { coreOf } from '../../signer/core.ts';
import { createPortableSigner, type Signer } from '../../signer/index.ts';
import type { GivenOptions } from './arguments.ts';
import type { Invocation } from './command.ts';
import { type ConfigOptions, splitConfig } from './config-options.ts';
import { Mistake } from './mistake.ts';
import { findConfigFile, readConfigFile, readKeyFile, setVariables } from './option-files.ts';
import { signerOptions as signerFlags } from './option-table.ts';

/** From an option of `createSigner` to where its value comes from: `--ttl`, `IMAGES_KEY`, or a file. */
export type Sources = ReadonlyMap<string, string>;

const flagOf: ReadonlyMap<string, string> = new Map([
  ['accountHash', '--account-hash'],
  ['delivery', '--delivery'],
  ['directory', '--pictures'],
  ['stableFor', '--stable-for'],
  ['ttl', '--ttl'],
  ['variants', '--variants'],
]);

/** A command's own defaults. */
export interface Defaults {
  /** For commands whose answer does not depend on it. */
  readonly ttl?: string | undefined;
  readonly variants?: object | undefined;
  readonly accountHash?: string | undefined;
  readonly delivery?: string | undefined;
  /** Called if there is no other key. */
  readonly key?: (() => Promise<string>) | undefined;
}

/** `{ signer, ...middlewareOptions }` is what the app would pass to `imageSigner`. */
export interface Setup extends Omit<ConfigOptions, 'signerOptions'> {
  /** The `--config` file, or the default file in the working directory. */
  readonly file: string | undefined;
  readonly signer: Signer;
  readonly access: AccessRules;
  /** The middleware's parsed options, for commands that read pages as it does. */
  readonly middleware: MiddlewareConfiguration;
  /** Where each option comes from, for messages. */
  readonly sources: Sources;
}

/**
 * @param defaults - or a function that returns them for the file that is read
 * @throws Mistake if an option is missing or wrong
 */
export async function setUpSigner(
  invocation: Invocation,
  defaults: Defaults | ((file: string | undefined) => Defaults),
): Promise<Setup> {
  const found = await defaultFile(invocation);
  await setVariables(invocation, found !== undefined);
  const file = found ?? invocation.options.text('config');
  const { signerOptions, ...others } = splitConfig(
    `${file}`,
    file === undefined ? {} : await readConfigFile(file),
  );
  const { middlewareOptions } = others;
  const hasSigner = Object.hasOwn(middlewareOptions, 'signer');
  const sources = new Map(
    Object.keys({ ...signerOptions, ...middlewareOptions }).map((name) => [name, `${file}`]),
  );
  const missing = typeof defaults === 'function' ? defaults(file) : defaults;
  await completeOptions(signerOptions, sources, invocation, hasSigner ? undefined : missing);
  try {
    const made = hasSigner ? undefined : createPortableSigner(signerOptions); // which checks them
    const given = made === undefined ? signerOptions : { signer: made };
    const { access, own } = parseMiddleware('imageSigner', { ...given, ...middlewareOptions }, coreOf);
    const signer = made ?? (middlewareOptions['signer'] as Signer); // the line above has checked it
    await signer.ready();
    return { ...others, file, signer, access, middleware: own, sources };
  } catch (error) {
    throw keyMistake(error) ?? optionMistake(error, sources);
  }
}

/** With any other signer option, no default file is read. */
async function defaultFile({ options, notes }: Invocation): Promise<string | undefined> {
  if (signerFlags.some((name) => name !== 'env-file' && options.has(name))) return undefined;
  const file = await findConfigFile(process.cwd());
  if (file !== undefined) await notes.line({ style: 'dim', text: `Options of ${file}` });
  return file;
}

/**
 * Adds the values of the command line and the environment to the file's options.
 * @param defaults - undefined if the file exports a signer, which has its options
 * @throws Mistake if one is missing
 */
async function completeOptions(
  options: Record<string, unknown>,
  sources: Map<string, string>,
  { options: given, secrets, environment, input }: Invocation,
  defaults: Defaults | undefined,
): Promise<void> {
  const set = (name: string, value: unknown, source: string): void => {
    options[name] = value;
    sources.set(name, source);
  };
  const { key } = options;
  if (typeof key === 'function') {
    // The key that it returns must be hidden too.
    options['key'] = async () => {
      const got: unknown = await key();
      secrets.add(got);
      return got;
    };
  }
  secrets.add(key);

  const ownsKey = defaults !== undefined && !hasScheme(options);
  const keyFile = given.text('key-file');
  if (keyFile !== undefined) {
    set('key', await readKeyFile(keyFile, input), '--key-file');
    delete options['keyRefresh']; // it belongs to the file's key function
  } else if (ownsKey && isMissing(options['key']) && environment['IMAGES_KEY']) {
    set('key', environment['IMAGES_KEY'], 'IMAGES_KEY');
  } else if (ownsKey && isMissing(options['key'])) {
    options['key'] = await defaults.key?.();
  }
  secrets.add(options['key']);
  for (const [name, value, source] of flagsOf(given)) set(name, value, source);
  for (const name of ['variants', 'accountHash', 'delivery'] as const)
    if (ownsKey && isMissing(options[name]) && defaults[name] !== undefined) options[name] = defaults[name];
  const alwaysPublic = listOf(given.text('always-public'));
  if (alwaysPublic !== undefined) {
    const variants = withAlwaysPublic(options['variants'], alwaysPublic);
    const source = given.has('variants') ? '--variants' : '--always-public';
    if (variants !== options['variants']) set('variants', variants, source);
  }
  if (defaults === undefined) {
    delete options['ttl']; // the commands pass that of the command line to every call
    return;
  }
  if (isMissing(options['ttl'])) options['ttl'] = defaults.ttl;
  checkComplete(options);
}

/**
 * Describes a wrong signer option in the words of the command line.
 * @returns a mistake of the command line; any other error unchanged
 */
export function optionMistake(error: unknown, sources: Sources): unknown {
  if (!(error instanceof ImageSignerError) || error.code !== 'INVALID_OPTION') return error;
  const path = error.option ?? '';
  const [name = ''] = path.split('.');
  const source = sources.get(name) ?? flagOf.get(name);
  const prefix = `\`${path}\`: `;
  const text = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  if (source === undefined) return new Mistake(error.message);
  if (source === flagOf.get(name)) return new Mistake(`${source}: ${inFlags(text)}`);
  // A `--config` file names its options as `createSigner` does.
  const isInConfig = name !== 'key' || (source !== '--key-file' && source !== 'IMAGES_KEY');
  return new Mistake(`${source}: ${isInConfig ? prefix : ''}${text}`);
}

/** Replaces only names that cannot be words, as `ttl` and `variants` can. */
function inFlags(text: string): string {
  return text.replace(/\b(?:accountHash|stableFor)\b/g, (name) => flagOf.get(name)!);
}

function keyMistake(error: unknown): Mistake | undefined {
  if (!(error instanceof ImageSignerError) || error.code !== 'KEY_UNAVAILABLE') return undefined;
  const { cause } = error;
  return new Mistake(
    `The key function returned no key: ${cause instanceof Error ? cause.message.split('\n', 1)[0] : 'it failed'}`,
  );
}

function flagsOf(given: GivenOptions): [name: string, value: unknown, source: string][] {
  const flags: [string, unknown, string][] = [
    ['ttl', durationOf(given.text('ttl')), '--ttl'],
    ['stableFor', durationOf(given.text('stable-for')), '--stable-for'],
    ['variants', listOf(given.text('variants')), '--variants'],
    ['accountHash', given.text('account-hash'), '--account-hash'],
    ['delivery', given.list('delivery'), '--delivery'],
  ];
  return flags.filter(([, value]) => value !== undefined);
}

/** A number without a unit is in seconds. */
export function durationOf(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((each) => each.trim());
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === '';
}

/** A scheme has its own key, and replaces the options of Cloudflare Images. */
function hasScheme(options: Readonly<Record<string, unknown>>): boolean {
  return !isMissing(options['scheme']);
}

function checkComplete(options: Readonly<Record<string, unknown>>): void {
  const ownsKey = !hasScheme(options);
  if (ownsKey && isMissing(options['key'])) {
    throw new Mistake(
      'There is no key. For Cloudflare Images, set IMAGES_KEY, or pass a file that sets it with --env-file .env, or a file with only the key with --key-file <file>; the dashboard shows the key under Images, Keys. For another store, put its scheme into image-signer.config.mjs in this directory, or pass the file with --config <file>.',
    );
  }
  if (ownsKey && isMissing(options['variants'])) {
    throw new Mistake('No variants are given. Name those that may be signed: --variants thumb,card');
  }
  if (isMissing(options['ttl'])) {
    throw new Mistake('No ttl is given. Set how long URLs stay valid, for example with --ttl 1d');
  }
}

/**
 * Applies `--always-public`, which a list of names such as that of `--variants` cannot express.
 * @param variants - the option without the flag: a list, a map, or a value that the signer will refuse
 * @returns a map with these variants always public; a value that is neither a list nor a map is unchanged
 */
function withAlwaysPublic(variants: unknown, names: readonly string[]): unknown {
  const policies = entriesOf(variants);
  if (policies === undefined) return variants;
  for (const name of names) policies.set(name, { ...Object(policies.get(name)), alwaysPublic: true });
  return Object.fromEntries(policies);
}

function entriesOf(variants: unknown): Map<string, unknown> | undefined {
  if (variants === undefined || variants === '') return new Map();
  if (Array.isArray(variants))
    return variants.every((name) => typeof name === 'string')
      ? new Map(variants.map((name: string) => [name, {}]))
      : undefined;
  return typeof variants === 'object' && variants !== null ? new Map(Object.entries(variants)) : undefined;
}
