/**
 * The key of a delivery for development that has no configuration. The app is given it once and has to keep working after a
 * restart, so it follows from the folder and from a secret that lies in the user's home.
 *
 * It could follow from the folder alone, but then every page that the developer opens could sign URLs for
 * `http://localhost:8787` and read the pictures, and so could other users of the machine.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Secret } from '../../signing/digests.ts';

export interface DevelopmentKey {
  readonly key: string;
  /** False if the secret cannot be kept: then the next start has another key. */
  readonly isKept: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @param folder - that of the pictures, as a real path */
export async function developmentKey(folder: string, environment: Environment): Promise<DevelopmentKey> {
  const kept = await keptSecret(secretFile(environment));
  const secret = kept ?? newSecret();
  return {
    key: new Secret(secret).mac('sha256', `image-signer dev: ${folder}`, 'hex'),
    isKept: kept !== undefined,
  };
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function secretFile({ XDG_STATE_HOME, LOCALAPPDATA }: Environment): string {
  const home = XDG_STATE_HOME || LOCALAPPDATA || join(homedir(), '.local', 'state');
  return join(home, 'image-signer', 'dev-secret');
}

function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/** @returns undefined if it can neither be read nor made */
async function keptSecret(file: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Fails if the file is there, so that two that start at once keep one secret.
    await writeFile(file, newSecret(), { mode: 0o600, flag: 'wx' });
  } catch {
    // It is there, which is seen next, or cannot be made.
  }
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}
