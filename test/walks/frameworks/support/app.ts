/** One framework's app: copied, installed from its lock with the packed package, built, and started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, signalGroup } from '../../../support/servers/programs.ts';

type Environment = Readonly<Record<string, string>>;

export interface RunningApp {
  readonly origin: string;
  /** Where it runs, with what it has written. */
  readonly folder: string;
  /** What it has printed. */
  readonly output: () => string;
  stop(): Promise<void>;
}

export class App {
  readonly #folder: string;
  readonly #environment: Environment;

  private constructor(folder: string, environment: Environment) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /**
   * @param source - the folder with `package.json` and its lock
   * @param folder - where it is copied to; removed by `remove`
   * @param environment - for its build and its start
   * @throws if a command fails, with what it has printed
   */
  static async install(
    source: string,
    folder: string,
    tarball: string,
    environment: Environment,
  ): Promise<App> {
    const app = new App(folder, environment);
    try {
      await cp(source, folder, { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
      await app.#npm('ci', '--prefer-offline');
      // Not `--no-package-lock`: npm would then bring what the lock names up to date.
      await app.#npm('install', '--no-save', '--prefer-offline', tarball);
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
        scripts: Readonly<Record<string, string>>;
      };
      if (manifest.scripts['build'] !== undefined) await app.#npm('run', 'build');
    } catch (error) {
      await app.remove();
      throw error;
    }
    return app;
  }

  async start(environment: Environment): Promise<RunningApp> {
    const port = await freePort();
    const { child, output } = this.#spawn(['start'], { ...environment, PORT: String(port) });
    let hasEnded = false;
    const ended = once(child, 'close').then(() => {
      hasEnded = true;
    });
    const stop = async (): Promise<void> => {
      signalGroup(child, 'SIGTERM');
      const impatient = setTimeout(() => signalGroup(child, 'SIGKILL'), 3000);
      await ended;
      clearTimeout(impatient);
    };
    // The frameworks print different things when they are ready, so the port is asked.
    for (const deadline = Date.now() + 60_000; !(await isListening(port)); await wait(50)) {
      if (!hasEnded && Date.now() < deadline) continue;
      await stop();
      throw new Error(`npm start does not listen on PORT:\n${output()}`);
    }
    return { origin: `http://127.0.0.1:${port}`, folder: this.#folder, output, stop };
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #npm(...args: string[]): Promise<void> {
    const { child, output } = this.#spawn(args, {});
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${output()}`);
  }

  #spawn(args: readonly string[], environment: Environment): { child: ChildProcess; output: () => string } {
    // What npm tells the scripts that it runs is about this repository, not about the app.
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(?:npm_(?!config_)|INIT_CWD)/.test(name),
    );
    const child = spawn('npm', args, {
      cwd: this.#folder,
      env: { ...Object.fromEntries(inherited), ...silent, ...this.#environment, ...environment },
      detached: true, // a group of its own: what npm starts ends with it
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    const kill = (): void => signalGroup(child, 'SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
    return { child, output: () => text };
  }
}

/** Nothing asks, and nothing reports home. */
const silent: Environment = {
  CI: '1',
  NODE_ENV: 'production',
  npm_config_include: 'dev', // tools that build an app are dev dependencies
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  STRAPI_TELEMETRY_DISABLED: 'true',
};

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
