/**
 * A program of the benchmarks in a process of its own. It is compiled first, so that plain Node.js runs it: a TypeScript
 * loader also rewrites the built package as it is loaded, and its garbage would be measured as the server's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Within `node_modules`, where the program finds its packages. */
const folder = new URL('../../node_modules/.cache/image-signer-bench/', import.meta.url);

/** @returns the path of the compiled file. `import.meta` in it is that of a file in this folder. */
export function compile(program: string): string {
  const source = new URL(program, import.meta.url);
  const outfile = fileURLToPath(new URL(program.replace(/\.ts$/, '.mjs'), folder));
  buildSync({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    define: {
      'import.meta.url': JSON.stringify(source.href),
      'import.meta.dirname': JSON.stringify(import.meta.dirname),
    },
  });
  return outfile;
}

/** @returns the process, and the first message that it sends */
export async function start<Message>(
  compiled: string,
  args: readonly string[],
  { flags = [], environment = {} }: { flags?: string[]; environment?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly child: ChildProcess; readonly message: Message }> {
  const env = { ...process.env, NODE_ENV: 'production', ...environment };
  const child = fork(compiled, args, { env, execArgv: flags }); // without the TypeScript loader
  return { child, message: await answerOf<Message>(child) };
}

export async function answerOf<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const [message] = await Promise.race([
    once(child, 'message', { signal: ended.signal }) as Promise<[Message]>,
    once(child, 'exit', { signal: ended.signal }).then(() => {
      throw new Error(`${child.spawnargs.join(' ')} has ended`);
    }),
  ]);
  ended.abort();
  return message;
}

export function ask<Message>(child: ChildProcess, question: unknown): Promise<Message> {
  child.send(question as object);
  return answerOf<Message>(child);
}

export async function stop(child: ChildProcess): Promise<void> {
  child.disconnect();
  await once(child, 'exit');
}
