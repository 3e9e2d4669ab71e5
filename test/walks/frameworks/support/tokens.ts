/** Tokens in what an app sends, and in its database, which is read past the app. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Visit } from './visit.ts';
import type { Action } from './walk.ts';

/** `libsql`, as far as it is used here. */
interface Database {
  prepare(sql: string): { all(): unknown[] };
  close(): void;
}
type Driver = new (path: string, options: { readonly readonly: boolean }) => Database;

/**
 * The tables of `data.db` that hold a token.
 * @param driver - the name under which the app has installed `libsql`
 */
function tablesWithTokens(visit: Visit, driver = 'libsql'): readonly string[] {
  const load = createRequire(join(visit.folder, 'package.json'));
  const database = new (load(driver) as Driver)(join(visit.folder, 'data.db'), { readonly: true });
  try {
    const tables = database
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all();
    return (tables as readonly { readonly name: string }[])
      .map(({ name }) => name)
      .filter((name) =>
        /sig=[0-9a-f]{64}/.test(JSON.stringify(database.prepare(`select * from "${name}"`).all())),
      );
  } finally {
    database.close();
  }
}

/** When the tokens of a text end, in seconds. */
export function expiriesIn(text: string): readonly number[] {
  return Array.from(text.matchAll(/[?&;]exp=(\d+)&(?:amp;)?sig=[0-9a-f]{64}/g), ([, exp]) => Number(exp));
}

/** What was stored a year ago: so many tokens, none of them good. */
export function expectOld(text: string, count: number): void {
  assert.equal(expiriesIn(text).length, count, text);
  for (const expiry of expiriesIn(text)) assert.ok(expiry < Date.now() / 1000, text);
}

/** The tables that hold a token. @param driver - as for `tablesWithTokens` */
export function stored(tables: readonly string[], driver?: string): Action {
  return (visit) => assert.deepEqual(tablesWithTokens(visit, driver), tables);
}

/** A text has so many tokens, all of them good, and no image under its old host. */
export function expectFresh(text: string, count: number): void {
  assert.equal(expiriesIn(text).length, count, text);
  for (const expiry of expiriesIn(text)) assert.ok(expiry > Date.now() / 1000, text);
  assert.doesNotMatch(text, /images\.internal/);
}
