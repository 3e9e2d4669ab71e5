/** The schema of an amount of memory: what users write, and the bytes that the code works with. */
import * as v from 'valibot';
import { asMemory, expected } from './message.ts';
import type { Schema } from './schema.ts';

const bytesPerUnit: Readonly<Record<string, number>> = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

const smallest: number = 2 ** 20;

export const memory: Schema<number> = v.pipe(
  v.custom<number | string>(
    (input) => (parseBytes(input) ?? 0) >= smallest,
    expected("bytes as a whole number, or '512MB', and at least '1MB'", "The default is '32MB'.", asMemory),
  ),
  v.transform((input) => parseBytes(input)!), // the check above has accepted it
);

/** @returns undefined for anything but whole bytes, or a whole number with a unit */
function parseBytes(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const [, count, unit] = (typeof value === 'string' && /^(\d{1,6})(KB|MB|GB)$/.exec(value)) || [];
  return unit === undefined ? undefined : Number(count) * bytesPerUnit[unit]!;
}
