/** A part of a run: what it needs of this machine, and what it looks at. Parts know nothing of each other. */
import { accessSync } from 'node:fs';
import type { Account } from './account.ts';
import { findProgram, type RunningProgram } from './process.ts';

export interface Part {
  readonly name: string;
  /** Packages of Debian, each with a program, or a file or folder with its whole path, by which it is known. */
  readonly needs: Readonly<Record<string, string>>;
  run(ground: Ground): Promise<void>;
}

/** What all parts of a run stand on. */
export interface Ground {
  readonly account: Account;
  /** For all that is written. */
  readonly folder: string;
  /** What is started is put in here. */
  readonly running: RunningProgram[];
  readonly seed: number;
  readonly closing: AbortSignal;
}

/** The packages that this machine lacks for a part. */
export function missingPackages({ needs }: Pick<Part, 'needs'>): string[] {
  return Object.entries(needs).flatMap(([name, known]) => (isThere(known) ? [] : name));
}

function isThere(known: string): boolean {
  if (!known.startsWith('/')) return findProgram(known) !== undefined;
  try {
    accessSync(known);
    return true;
  } catch {
    return false;
  }
}
