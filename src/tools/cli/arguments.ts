/** Reads the command line. It knows the names of the options, but not their meaning. */
import { parseArgs } from 'node:util';
import { nearestName } from '../../text/nearest-name.ts';
import { printableName } from '../../validation/message.ts';
import { Mistake } from './mistake.ts';
import { isOptionName, type OptionName, optionTable } from './option-table.ts';

/** The options as given. */
export class GivenOptions {
  readonly #values: ReadonlyMap<OptionName, readonly string[]>;

  /** @param values - a flag has an empty list */
  constructor(values: ReadonlyMap<OptionName, readonly string[]>) {
    this.#values = values;
  }

  get names(): readonly OptionName[] {
    return [...this.#values.keys()];
  }

  has(name: OptionName): boolean {
    return this.#values.has(name);
  }

  text(name: OptionName): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** Undefined if the option is absent. */
  list(name: OptionName): readonly string[] | undefined {
    return this.#values.get(name);
  }
}

export interface ParsedArguments {
  readonly options: GivenOptions;
  /** Everything but options: the command's name and its operands. */
  readonly words: readonly string[];
}

const tokenOptions = Object.fromEntries(
  Object.entries(optionTable).map(([name, { value, short }]) => [
    name,
    { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
  ]),
);

/** @throws Mistake, whose message shows no value of an option */
export function parseArguments(args: readonly string[]): ParsedArguments {
  // Not `strict`: messages of Node.js repeat the arguments, which may be a key.
  const { tokens } = parseArgs({
    args: args.map((arg, index) => withUsualValue(arg, args[index + 1])),
    options: tokenOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<OptionName, string[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind === 'option') addOption(values, token);
  }
  return { options: new GivenOptions(values), words };
}

/** Adds the default value where none is given: a URL, an option or nothing follows. */
function withUsualValue(arg: string, next = ''): string {
  const name = arg.slice(2);
  const usual = arg.startsWith('--') && isOptionName(name) ? optionTable[name].usual : undefined;
  return usual !== undefined && /^$|^-|:\/\//.test(next) ? `${arg}=${usual}` : arg;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function addOption(
  values: Map<OptionName, string[]>,
  { name, rawName, value, inlineValue }: OptionToken,
): void {
  if (name === 'key') {
    throw new Mistake(
      'The key must not be an argument: other users and the shell history could see it. Set IMAGES_KEY, or name a file with --key-file <file>. If this was a real key, replace it.',
    );
  }
  if (!isOptionName(name)) throw new Mistake(unknownOption(rawName));
  const specification = optionTable[name];
  if (specification.value === undefined) {
    if (inlineValue === true) throw new Mistake(`--${name} takes no value.`);
    values.set(name, []);
    return;
  }
  const isMissing = value === undefined || (inlineValue === false && /^-./.test(value));
  if (isMissing || value === '') {
    throw new Mistake(`--${name} needs a value: --${name} ${specification.value}`);
  }
  const before = values.get(name) ?? [];
  if (before.length > 0 && specification.isList !== true) {
    throw new Mistake(`--${name} is given twice. Give it once.`);
  }
  values.set(name, [...before, value]);
}

function unknownOption(rawName: string): string {
  const dashes = rawName.startsWith('--') ? '--' : '-';
  const name = rawName.slice(dashes.length);
  const near = dashes === '--' ? nearestName(name, Object.keys(optionTable)) : undefined;
  // An unknown option may be a key that begins with a dash.
  const shown = `There is no option ${dashes}${printableName(name)}.`;
  return near === undefined ? shown : `${shown} Did you mean --${near}?`;
}
