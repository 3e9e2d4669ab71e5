/** The texts of `--help`. */
import type { Command } from './command.ts';
import { commonOptions, type OptionName, optionTable } from './option-table.ts';

export function generalHelp(commands: readonly Command[]): string {
  return [
    'Signs and verifies image URLs of Cloudflare Images, or of a scheme in the file of --config.',
    '',
    'Usage: image-signer <command> [options]',
    '',
    'Commands:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...optionLines(commonOptions),
    '',
    'The signing key comes from the environment variable IMAGES_KEY, or from --key-file. A scheme has its own.',
    'Exit codes: 0 done, 1 the answer is no, 2 wrong usage or a file that cannot be read.',
    '',
    'Examples:',
    ...commands.flatMap(({ examples }) => examples.slice(0, 1)).map((line) => `  ${line}`),
    '',
    '`image-signer <command> --help` tells more about a command.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  return [
    ...command.about,
    '',
    `Usage: image-signer ${command.name} [options] ${command.operands}`,
    '',
    'Options:',
    ...optionLines((Object.keys(optionTable) as OptionName[]).filter((name) => takes(command, name))),
    '',
    'Examples:',
    ...command.examples.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

export function takes(command: Command, option: OptionName): boolean {
  return command.options.includes(option) || commonOptions.includes(option);
}

function optionLines(names: readonly OptionName[]): string[] {
  return columns(
    names.map((name) => {
      const { value, short, about } = optionTable[name];
      const short_ = short === undefined ? '' : `-${short}, `;
      return [`${short_}--${name}${value === undefined ? '' : ` ${value}`}`, about];
    }),
  );
}

function columns(rows: readonly (readonly [name: string, text: string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}
