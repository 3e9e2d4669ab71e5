/** What a run has found, told as it goes. It knows neither proxies nor pages. */

export class Account {
  #passed = 0;
  #failed = 0;

  note(line: string): void {
    console.log(line);
  }

  /** @param details - what was wrong, a line each; the first few are shown */
  check(title: string, passed: boolean, details: readonly string[] = []): void {
    if (passed) this.#passed++;
    else this.#failed++;
    console.log(`  ${passed ? 'ok  ' : 'FAIL'} ${title}`);
    if (!passed) for (const line of details.slice(0, 5)) console.log(`         ${line}`);
  }

  /** The last line of a run. */
  close(): boolean {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0;
  }
}
