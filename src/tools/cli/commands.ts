/** All commands, in the order of the help. A new one is a file in `commands/` and a row here. */
import type { Command } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { explainCommand } from './commands/explain.ts';
import { rewriteCommand } from './commands/rewrite.ts';
import { signCommand } from './commands/sign.ts';
import { verifyCommand } from './commands/verify.ts';

export const commands: readonly Command[] = [
  signCommand,
  verifyCommand,
  explainCommand,
  checkCommand,
  rewriteCommand,
];
