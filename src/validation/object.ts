/** Reads an object of options by its schemas; the first mistake is thrown. */
import * as v from 'valibot';
import { invalidOption, printableName } from './message.ts';

/**
 * A required option that is missing counts as undefined.
 * @param call - what takes the options, for messages
 * @param entries - a schema for each option
 * @param others - options that are read elsewhere, for messages
 * @throws ImageSignerError INVALID_OPTION
 */
export function readObject<Entries extends v.ObjectEntries>(
  call: string,
  entries: Entries,
  input: object,
  others: readonly string[] = [],
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const names = Object.keys(entries);
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(entries, name));
  if (unknown !== undefined) {
    throw invalidOption(
      printableName(unknown),
      `is not an option of ${call}. There are ${[...names, ...others].join(', ')}.`,
    );
  }
  const missing = Object.fromEntries(names.map((name) => [name, undefined]));
  const result = v.safeParse(v.object(entries), { ...missing, ...input }, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? [])
    .map(({ key }) => (typeof key === 'string' ? printableName(key) : String(key)))
    .join('.');
  throw invalidOption(path, issue.message);
}
