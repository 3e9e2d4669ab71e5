/** Says what is wrong with an option of the signer in the words of the command line. */
import { ImageSignerError } from '../../errors.ts';
import { Mistake } from './mistake.ts';

/** From an option of `createSigner` to where its value comes from: `--ttl`, `IMAGES_KEY`, or a file. */
export type Sources = ReadonlyMap<string, string>;

const flags: ReadonlyMap<string, string> = new Map([
  ['accountHash', '--account-hash'],
  ['delivery', '--delivery'],
  ['stableFor', '--stable-for'],
  ['ttl', '--ttl'],
  ['variants', '--variants'],
]);

/** @returns a mistake of the command line; anything else as it is */
export function optionMistake(error: unknown, sources: Sources): unknown {
  if (!(error instanceof ImageSignerError) || error.code !== 'INVALID_OPTION') return error;
  const path = error.option ?? '';
  const [name = ''] = path.split('.');
  const source = sources.get(name) ?? flags.get(name);
  const prefix = `\`${path}\`: `;
  const text = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  if (source === undefined) return new Mistake(error.message);
  if (source === flags.get(name)) return new Mistake(`${source}: ${inFlags(text)}`);
  // A file of `--config` names its options as `createSigner` does.
  const isInConfig = name !== 'key' || (source !== '--key-file' && source !== 'IMAGES_KEY');
  return new Mistake(`${source}: ${isInConfig ? prefix : ''}${text}`);
}

/** Replaces the names that only an option has; `ttl` and `variants` are words as well. */
function inFlags(text: string): string {
  return text.replace(/\b(?:accountHash|stableFor)\b/g, (name) => flags.get(name)!);
}
