/** Runs one command line: finds the command or shows help, and turns every failure into one line and an exit code. */
import { nearestName } from '../../text/nearest-name.ts';
import { printableName } from '../../validation/message.ts';
import { version } from '../../version.ts';
import { type ParsedArguments, parseArguments } from './arguments.ts';
import type { Command, ExitCode, Input, Invocation, ProcessParts } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { devCommand } from './commands/dev.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { proxyCommand } from './commands/proxy.ts';
import { rewriteCommand } from './commands/rewrite.ts';
import { signCommand } from './commands/sign.ts';
import { verifyCommand } from './commands/verify.ts';
import { Mistake, reasonOf } from './mistake.ts';
import { commonOptions, type OptionName, optionTable } from './option-table.ts';
import { Output, ReaderGone, Secrets } from './output.ts';

/** In the order of the help. A new one is a file in `commands/` and a row here. */
export const commands: readonly Command[] = [
  signCommand,
  verifyCommand,
  explainCommand,
  checkCommand,
  rewriteCommand,
  proxyCommand,
  devCommand,
  initCommand,
];

/** @param args - without the program's name */
export async function main(
  args: readonly string[],
  parts: ProcessParts,
  commands: readonly Command[],
): Promise<ExitCode> {
  const { env: environment } = parts;
  const secrets = new Secrets();
  secrets.add(environment['IMAGES_KEY']);
  const answer = new Output(parts.stdout, environment, secrets);
  const notes = new Output(parts.stderr, environment, secrets);
  let code: ExitCode;
  try {
    const parsed = parseArguments(args);
    // Reading `parts.stdin` opens it, which only a command that needs it should do.
    const input = (): Input => parts.stdin;
    code = await run(commands, parsed, {
      options: parsed.options,
      operands: parsed.words.slice(1),
      get input() {
        return input();
      },
      answer,
      notes,
      environment,
      secrets,
      signals: parts,
    });
    await answer.flush();
  } catch (error) {
    code = error instanceof ReaderGone ? 0 : 2;
    if (code !== 0) await writeFailure(notes, error);
  }
  await notes.flush().catch(() => {}); // the reader may have gone
  return code;
}

async function run(
  commands: readonly Command[],
  { options, words }: ParsedArguments,
  invocation: Invocation,
): Promise<ExitCode> {
  const { answer, notes } = invocation;
  const [name] = words;
  if (options.has('version')) {
    await answer.line(version);
    return 0;
  }
  if (name === undefined) {
    await (options.has('help') ? answer : notes).write(generalHelp(commands));
    return options.has('help') ? 0 : 2;
  }
  const command = findCommand(commands, name);
  if (options.has('help')) {
    await answer.write(commandHelp(command));
    return 0;
  }
  const stray = options.names.find((option) => !takes(command, option));
  if (stray !== undefined) {
    throw new Mistake(
      `--${stray} is not an option of ${command.name}. \`image-signer ${command.name} --help\` lists them.`,
    );
  }
  return await command.run(invocation);
}

function findCommand(commands: readonly Command[], name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return command;
  const names = commands.map((each) => each.name);
  const near = nearestName(name, names);
  const hint = near === undefined ? `The commands are ${names.join(', ')}.` : `Did you mean ${near}?`;
  throw new Mistake(`There is no command ${printableName(name)}. ${hint}`);
}

function generalHelp(commands: readonly Command[]): string {
  return [
    'Signs and verifies image URLs of Cloudflare Images, or of the scheme in the file of --config.',
    '',
    'Usage: image-signer <command> [options]',
    '',
    'Commands:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...optionLines(commonOptions),
    '',
    'The signing key comes from the environment variable IMAGES_KEY, or from --key-file. A scheme has its own key.',
    'Exit codes: 0 success, 1 the answer is no, 2 wrong usage or an unreadable file.',
    '',
    'Examples:',
    ...commands.flatMap(({ examples }) => examples.slice(0, 1)).map((line) => `  ${line}`),
    '',
    '`image-signer <command> --help` shows more about a command.',
    '',
  ].join('\n');
}

function commandHelp(command: Command): string {
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

function takes(command: Command, option: OptionName): boolean {
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

async function writeFailure(notes: Output, error: unknown): Promise<void> {
  await notes.line({ style: 'red', text: 'image-signer: ' }, textOf(error)).catch(() => {}); // it may be closed
}

function textOf(error: unknown): string {
  if (error instanceof Mistake) return error.message;
  const { syscall } = Object(error) as { readonly syscall?: unknown };
  if (typeof syscall === 'string') return `Reading or writing failed: ${reasonOf(error)}.`;
  return `Unexpected error: ${error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'}. Please report it.`;
}
