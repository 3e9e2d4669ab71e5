/** Schemas of common shapes, for the options of factories and of schemes. */
import * as v from 'valibot';
import { asFlag, expected } from './message.ts';

export type Schema<T> = v.GenericSchema<unknown, T>;

export const flag: Schema<boolean> = v.boolean(
  expected('true or false', 'Leave it out for the default.', asFlag),
);

/** @param hint - what the function is for */
export function callable<F extends (...args: never[]) => unknown>(hint: string): Schema<F> {
  return v.custom<F>((input) => typeof input === 'function', expected('a function', hint));
}

/** One value, or a list of at least one. */
export function listOf<T>(
  schema: Schema<T>,
  none: (issue: { readonly input: unknown }) => string,
): Schema<readonly T[]> {
  const list = v.pipe(v.array(schema), v.nonEmpty(none));
  const one = v.pipe(
    schema,
    v.transform((value) => [value]),
  );
  return v.lazy((input) => (Array.isArray(input) ? list : one) as Schema<T[]>);
}

export function isRecord(input: unknown): input is Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === Object.prototype || prototype === null;
}
