/** RSA keys of tests. One of 4,096 bits takes seconds to make, so they are kept from run to run, beside what other tools keep. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../root.ts';

const counts = new Map<number, number>();

/** @returns PEM, in PKCS #8; within a process each call gets another key */
export function privateKeyOf(modulusLength: number): string {
  const count = (counts.get(modulusLength) ?? 0) + 1;
  counts.set(modulusLength, count);
  const file = join(root, `node_modules/.cache/image-signer-keys/${modulusLength}-${count}.pem`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  mkdirSync(dirname(file), { recursive: true });
  // Other processes of the run look for it as well, and must not find a part.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  renameSync(unfinished, file);
  return readFileSync(file, 'utf8');
}
