/** `docs/errors.md` has a row for every code, reason and warning, and for nothing else. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorsPage } from '../docs/.vitepress/errors.ts';
import type { ImageSignerErrorCode } from '../src/index.ts';
import { passed, refused, skipped } from '../src/options/warnings.ts';
import { codesInSource } from './support/finding-codes.ts';

/** The compiler keeps it complete. */
const errorCodes: Readonly<Record<ImageSignerErrorCode, true>> = {
  INVALID_OPTION: true,
  NOT_A_DELIVERY_URL: true,
  ACCOUNT_NOT_ALLOWED: true,
  ACCOUNT_REQUIRED: true,
  VARIANT_REQUIRED: true,
  VARIANT_NOT_ALLOWED: true,
  SCHEME_FAILED: true,
  KEY_UNAVAILABLE: true,
};

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

test('the page is what its table gives: `npm run generate -- errors` writes it', () => {
  expect(page).toBe(errorsPage());
});

/** `[line, code, meaning, fix]` */
const rows = [...page.matchAll(/^\| <a id="[^"]*"><\/a>`(\S+)` \| (.*) \| (.*) \|$/gm)];

test('every code, reason and warning has one row, and every row is of one', () => {
  const names = [errorCodes, skipped, passed, refused].flatMap((each) => Object.keys(each));
  const known = new Set([
    ...names,
    ...codesInSource(),
    'installed-late',
    'installed-twice',
    'key-unavailable',
    'key-ends-early',
    'more-warnings',
    'stored-token',
  ]);
  expect(rows.map(([, code]) => code).toSorted()).toEqual([...known].toSorted());
});

test('every row says in sentences what the code means and what to do', () => {
  for (const [line, code, meaning, fix] of rows) {
    expect(line).toContain(`| <a id="${code!.toLowerCase()}"></a>`);
    expect(meaning, code).toMatch(/^[^|]{15,}[.)]$/);
    expect(fix, code).toMatch(/^[^|]{7,}[.:?]$/);
  }
});
