/** What knex and Directus call of `sqlite3`, over Node's own SQLite: the real one wants a compiler, or a download beside npm's. */
const { DatabaseSync } = require('node:sqlite');

exports.Database = class Database {
  #database;

  constructor(filename, _mode, callback) {
    this.#database = new DatabaseSync(filename, { enableDoubleQuotedStringLiterals: true });
    queueMicrotask(() => callback(null));
  }

  all(sql, ...rest) {
    this.#query(sql, rest);
  }

  run(sql, ...rest) {
    this.#query(sql, rest);
  }

  close(callback) {
    this.#database.close();
    queueMicrotask(() => callback(null));
  }

  #query(sql, rest) {
    const callback = typeof rest.at(-1) === 'function' ? rest.pop() : () => {};
    let [self, error, rows] = [{}, null, []];
    try {
      const statement = this.#database.prepare(sql);
      const bindings = (rest[0] ?? []).map(toSqlite);
      if (statement.columns().length > 0) rows = statement.all(...bindings).map((row) => ({ ...row }));
      else {
        const { changes, lastInsertRowid } = statement.run(...bindings);
        self = { changes, lastID: lastInsertRowid };
      }
    } catch (thrown) {
      error = thrown;
    }
    queueMicrotask(() => callback.call(self, error, rows));
  }
};

function toSqlite(value) {
  if (value instanceof Date) return value.valueOf();
  return typeof value === 'boolean' ? Number(value) : (value ?? null);
}
