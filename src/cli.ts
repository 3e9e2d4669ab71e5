#!/usr/bin/env node
/** The command `image-signer`: connects the process to `tools/cli/main.ts` and its commands. */
import { commands, main } from './tools/cli/main.ts';

// A `--config` file may have opened something that keeps the process running, such as a database.
void main(process.argv.slice(2), process, commands).then((code) => process.exit(code));
