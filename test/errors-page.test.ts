/** `docs/errors.md` has a section for each code, reason and warning, and for nothing else. */
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

test('every code, reason and warning has one section, and every section is of one', () => {
  const sections = [...page.matchAll(/^### (.+)$/gm)].map(([, name]) => name!);
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
  expect(sections.toSorted()).toEqual([...known].toSorted());
});

test('each section says in one paragraph what it means and what to do', () => {
  for (const section of page.split(/^## /m).flatMap((part) => part.split(/^### /m).slice(1))) {
    const [name, , text] = section.split('\n');
    expect(text, name).toMatch(/^.{15,}[.)] \*\*Fix:\*\* .{7,}[.:?]$/);
  }
});
