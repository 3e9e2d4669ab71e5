#!/usr/bin/env node
/** The command `image-signer`: connects the process to `cli/main.ts` and its commands. */
import { commands, main } from './tools/cli/main.ts';

// A file of `--config` may have opened what would keep the process running: a database, for example.
process.exit(await main(process.argv.slice(2), process, commands));
