/**
 * What a run of the tests prints: how far it is, each failure at once, with what the test has printed and the command that runs
 * it alone, and `N passed, N failed` as the last line. What a test prints that passes, nobody sees: many servers are meant to fail.
 */
import type { UserConsoleLog } from 'vitest';
import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node';

const everyMs = 30_000;
/** In a shorter run each file has a line of its own. */
const fewFiles = 12;

export default class Report implements Reporter {
  #vitest!: Vitest; // `onInit` comes first
  #total = 0;
  #done = 0;
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #running = new Set<string>();
  /** By the id of the test, or of the file. */
  readonly #printed = new Map<string, string>();

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    const { PROPERTIES: length = 'full', SEED: seed } = process.env;
    console.log(`Node.js ${process.version}; random tests: ${length} length, SEED=${seed}`);
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#total = specifications.length;
    this.#begun = Date.now();
    this.#timer = setInterval(() => this.#tell(), everyMs).unref();
  }

  onTestModuleStart({ relativeModuleId }: TestModule): void {
    this.#running.add(relativeModuleId);
  }

  onUserConsoleLog({ taskId = '', content }: UserConsoleLog): void {
    this.#printed.set(taskId, (this.#printed.get(taskId) ?? '') + content);
  }

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === 'failed') this.#fail(test, `${test.module.relativeModuleId} > ${test.fullName}`, errors);
    this.#printed.delete(test.id);
  }

  onTestModuleEnd(module: TestModule): void {
    const { relativeModuleId: name } = module;
    this.#running.delete(name);
    this.#done++;
    const errors = module.errors();
    if (errors.length > 0) this.#fail(module, name, errors);
    this.#printed.delete(module.id);
    if (this.#total <= fewFiles)
      console.log(`${name}: ${Array.from(module.children.allTests()).length} tests, ${module.state()}`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    clearInterval(this.#timer);
    for (const error of unhandled) this.#vitest.logger.printError(error);
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const skipped = count.skipped + count.pending;
    // After everything else has had its say.
    process.once('exit', () => {
      console.log(
        `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
      );
    });
  }

  #fail(which: TestCase | TestModule, name: string, errors: readonly unknown[] = []): void {
    console.log(`\nFailed: ${name}\n  ${commandOf(which)}`);
    for (const error of errors) this.#vitest.logger.printError(error, { project: which.project });
    const printed = this.#printed.get(which.id);
    if (printed !== undefined) console.log(`It has printed:\n${printed}`);
  }

  #tell(): void {
    const seconds = Math.round((Date.now() - this.#begun) / 1000);
    const [first = '', ...others] = this.#running;
    const besides = others.length > 0 ? ` and ${others.length} more` : '';
    console.log(`${this.#done} of ${this.#total} files after ${seconds} s; now ${first}${besides}`);
  }
}

/** For a shell, and in one line. */
function commandOf(which: TestCase | TestModule): string {
  const { SEED, PROPERTIES } = { ...process.env, ...which.project.config.env };
  const variables = Object.entries({ SEED, PROPERTIES }).filter(([, value]) => value !== undefined);
  const environment = variables.map(([name, value]) => `${name}=${value} `).join('');
  if (which.type === 'module') return `${environment}npx vitest run ${which.relativeModuleId}`;
  return `${environment}npx vitest run ${which.module.relativeModuleId} -t '${patternOf(which)}'`;
}

/** `-t` takes a regular expression, over the titles with spaces between them. */
function patternOf(test: TestCase): string {
  let title = test.name;
  for (let around = test.parent; around.type === 'suite'; around = around.parent)
    title = `${around.name} ${title}`;
  // What means something in an expression, in a shell or to a terminal is any character there.
  return title.replaceAll(/[^\p{L}\p{N} ,:;=@#%&_~-]/gu, '.');
}
