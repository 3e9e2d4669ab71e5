/** Says at once what a run does, at least every ten seconds how far it is, and of each failure how to run it alone. */
import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node';

const everyMs = 10_000;

export default class Progress implements Reporter {
  #total = 0;
  #done = 0;
  #failed = 0;
  #begun = 0;
  readonly #running = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  onInit(vitest: Vitest): void {
    const { PROPERTIES: length = 'full', SEED: seed } = process.env;
    if (vitest.config.watch) return;
    console.log(
      `Node.js ${process.version}; random tests: ${length} length, seed ${seed} (SEED=${seed} runs them again)`,
    );
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#total = specifications.length;
    this.#done = 0;
    this.#failed = 0;
    this.#begun = Date.now();
    this.#running.clear();
    this.#timer ??= setInterval(() => this.#tell(), everyMs).unref();
  }

  onTestModuleStart({ relativeModuleId }: TestModule): void {
    this.#running.add(relativeModuleId);
  }

  onTestModuleEnd({ relativeModuleId }: TestModule): void {
    this.#running.delete(relativeModuleId);
    this.#done++;
  }

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === 'failed') this.#failed++;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const failures = modules.flatMap((module) => [
      ...(module.errors().length > 0 ? [commandOf(module)] : []),
      ...Array.from(module.children.allTests('failed'), (test) => commandOf(module, test)),
    ]);
    if (failures.length > 0) console.log(`\nTo run what failed alone:\n${failures.join('\n')}\n`);
  }

  #tell(): void {
    const seconds = Math.round((Date.now() - this.#begun) / 1000);
    const failed = this.#failed > 0 ? `, ${this.#failed} tests failed` : '';
    const running = [...this.#running].join(', ');
    console.log(
      `${this.#done} of ${this.#total} files done${failed}, after ${seconds} s. Running: ${running}`,
    );
  }
}

/** For a shell, and in one line. */
function commandOf(module: TestModule, test?: TestCase): string {
  const { SEED, PROPERTIES } = { ...process.env, ...module.project.config.env };
  const variables = Object.entries({ SEED, PROPERTIES }).filter(([, value]) => value !== undefined);
  const environment = variables.map(([name, value]) => `${name}=${value} `).join('');
  const name = test === undefined ? '' : ` -t '${patternOf(test)}'`;
  return `  ${environment}npx vitest run ${module.relativeModuleId}${name}`;
}

/** `-t` takes a regular expression, over the titles with spaces between them. */
function patternOf(test: TestCase): string {
  let title = test.name;
  for (let around = test.parent; around.type === 'suite'; around = around.parent)
    title = `${around.name} ${title}`;
  // What means something in an expression, in a shell or to a terminal is any character there.
  return title.replaceAll(/[^\p{L}\p{N} ,:;=@#%&_~-]/gu, '.');
}
