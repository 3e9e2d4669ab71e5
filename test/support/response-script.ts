/** A script of calls on a response, as plain values: it can be played twice, shrunk, and printed as source. */

/** Stands for a callback in a script's arguments. */
export const callback: unique symbol = Symbol('callback');

/** A method and its arguments; or `['get', property]`, `['set', property, value]`, `['pause', <what for>]`. */
export type Call = readonly [name: string, ...args: unknown[]];

/** `page` and `json` rewrite, `personal` does so with `authorize`; `skip` and `off` rewrite nothing. */
export type Mode = 'page' | 'json' | 'personal' | 'skip' | 'off';

export interface Script {
  readonly mode: Mode;
  readonly method: string;
  readonly version: '1.0' | '1.1';
  readonly headers: Readonly<Record<string, string>>;
  /** The response waits for an earlier one on its connection. */
  readonly isQueued?: boolean;
  readonly calls: readonly Call[];
}

/** The arguments for one play: nothing is shared with another one. */
export function fresh(value: unknown, makeCallback: () => unknown): unknown {
  if (value === callback) return makeCallback();
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value instanceof Map)
    return new Map([...value].map((entry) => fresh(entry, makeCallback) as [string, unknown]));
  if (value instanceof Headers) return new Headers([...value]);
  if (Array.isArray(value)) return value.map((each) => fresh(each, makeCallback));
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fresh(each, makeCallback)]));
}

/** A value as source. */
export function literal(value: unknown): string {
  if (value === callback || typeof value === 'function') return 'callback';
  if (Buffer.isBuffer(value)) return `Buffer.from(${literal(value.toString('latin1'))}, 'latin1')`;
  if (value instanceof Uint8Array) return `new Uint8Array(${literal(Buffer.from(value))})`;
  if (value instanceof Map) return `new Map(${literal([...value])})`;
  if (value instanceof Headers) return `new Headers(${literal([...value])})`;
  if (value instanceof Error) return `new Error(${literal(value.message)})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each)}`);
    return `{ ${entries.join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const unit = value.slice(0, value.indexOf('\n') + 1);
  const times = unit === '' ? 0 : Math.floor(value.length / unit.length);
  const isRepeated = times > 1 && value === unit.repeat(times);
  return isRepeated ? `${JSON.stringify(unit)}.repeat(${times})` : JSON.stringify(value);
}

export function scriptLiteral({ calls, ...rest }: Script): string {
  const parts = Object.entries(rest).map(([name, value]) => `  ${name}: ${literal(value)},`);
  return ['{', ...parts, '  calls: [', ...calls.map((call) => `    ${literal(call)},`), '  ],', '},'].join(
    '\n',
  );
}

/** Drops what is not needed for a script to fail, a call at a time, until nothing more can go. */
export async function shrink(
  script: Script,
  fails: (script: Script) => Promise<boolean> | boolean,
): Promise<Script> {
  let smallest = script;
  for (let size = Math.ceil(script.calls.length / 2); size >= 1; ) {
    const before = smallest;
    for (let at = smallest.calls.length - size; at >= 0; at -= size) {
      const fewer = { ...smallest, calls: smallest.calls.toSpliced(at, size) };
      if (await fails(fewer)) smallest = fewer;
    }
    if (smallest === before || size > 1) size = size === 1 ? 0 : Math.floor(size / 2);
  }
  for (const plain of plainerRequests) {
    const plainer = { ...smallest, ...plain };
    if (JSON.stringify(plainer) !== JSON.stringify(smallest) && (await fails(plainer))) smallest = plainer;
  }
  return smallest;
}

const plainerRequests: readonly Partial<Script>[] = [
  { headers: {} },
  { version: '1.1' },
  { method: 'GET' },
  { mode: 'page' },
];
