/**
 * The key of `image-signer dev` without a configuration. The developer pastes it into the app once, so it must survive a
 * restart: it is derived from the folder and a secret in the user's home.
 *
 * The folder alone is not enough: every page that the developer opens, and every other user of the machine, could then sign
 * URLs for `http://localhost:8787` and read the pictures.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Secret } from '../../signing/digests.ts';

export interface DevelopmentKey {
  readonly key: string;
  /** False if the secret cannot be stored: then the next start has another key. */
  readonly isKept: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @param folder - the real path of the pictures */
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

/** @returns undefined if the secret can neither be read nor made */
async function keptSecret(file: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Fails if the file exists, so that two starts at the same time share one secret.
    await writeFile(file, newSecret(), { mode: 0o600, flag: 'wx' });
  } catch {
    // It exists, and is read next, or cannot be made.
  }
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}
