/** What a process has written to its standard error, for tests that are about failures and not about warnings. */

/** @returns the text without the development warnings of the package, which an example gives as any other app does */
export function withoutWarnings(errors: string): string {
  return errors.replace(
    /^\(node:\d+\) \[[\w-]+\] ImageSignerWarning: .*\n|^\(Use `node --trace-warnings .*\n/gm,
    '',
  );
}
