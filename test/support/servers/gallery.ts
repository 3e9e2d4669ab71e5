/** Starts an example gallery as a user would, and waits for the address that it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withoutWarnings } from './process-warnings.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A process that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** Without the development warnings of the package. */
  readonly errors: string;
  /** Everything that it has printed as errors. */
  readonly warnings: string;
}

export interface RunningGallery {
  /** `http://localhost:<port>` */
  readonly address: string;
  /** From the start of the process to the printed address, in milliseconds. */
  readonly startedIn: number;
  /** Sends a signal, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

type Environment = Readonly<Record<string, string>>;

/** What `npm start` and `npm run example` run. */
export type Entry = `examples/${'gallery' | 'bucket' | 'worker/local'}/start.ts`;

/** @param environment - over this process's own, without its `PORT`, `SHARED_CACHE` and `IMAGES_*` */
export async function startGallery(environment: Environment = {}, entry?: Entry): Promise<RunningGallery> {
  const begun = performance.now();
  const { child, ended, output } = run({ PORT: '0', ...environment }, entry);
  const address = await Promise.race([
    firstMatch(child, output, /The gallery is open: (http:\/\/\S+)/),
    ended.then(({ code, errors }) => {
      throw new Error(`The gallery ended with ${code} before it opened: ${errors}`);
    }),
  ]);
  return {
    address,
    startedIn: performance.now() - begun,
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
  };
}

/** For a start that is to fail, or to be broken off. */
export function run(
  environment: Environment,
  entry: Entry = 'examples/gallery/start.ts',
): {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly output: () => string;
} {
  const { PORT: _port, SHARED_CACHE: _cache, ...inherited } = process.env;
  const own = Object.entries(inherited).filter(([name]) => !name.startsWith('IMAGES_'));
  const child = spawn(process.execPath, ['--import', 'tsx', entry], {
    cwd: root,
    // As `npm start` does: on the package as it is built.
    env: { ...Object.fromEntries(own), TSX_TSCONFIG_PATH: 'examples/tsconfig.json', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({
      code,
      signal,
      output: texts.stdout,
      errors: withoutWarnings(texts.stderr),
      warnings: texts.stderr,
    }),
  );
  return { child, ended, output: () => texts.stdout };
}

function firstMatch(child: ChildProcess, output: () => string, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.on('data', () => {
      const found = pattern.exec(output())?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}
