/** The option of a private key, RSA or Ed25519, with a message for every kind of wrong text. */
import * as v from 'valibot';
import { type Ed25519Key, type Ed25519KeyMistake, readEd25519Key } from '../signing/ed25519.ts';
import { type RsaKey, type RsaKeyMistake, readRsaKey } from '../signing/rsa.ts';
import { describeSecret, expectedSecret } from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';

interface KeyOwner {
  /** Where the user finds the text. */
  readonly where: string;
  /** What to do with a public key. */
  readonly publicHint: string;
  /** Who verifies. */
  readonly verifier: string;
}

export function rsaKey(owner: KeyOwner): Schema<RsaKey> {
  return privateKey(readRsaKey, 'RSA', owner, 'as PEM text');
}

export function ed25519Key(owner: KeyOwner): Schema<Ed25519Key> {
  return privateKey(readEd25519Key, 'Ed25519', owner, 'as PEM text or 64 hexadecimal digits');
}

function privateKey<Key extends object>(
  read: (text: string) => Key | RsaKeyMistake | Ed25519KeyMistake,
  kind: string,
  { where, publicHint, verifier }: KeyOwner,
  spelling: string,
): Schema<Key> {
  const what = `a private ${kind} key ${spelling}`;
  const mistakes = {
    'no-key': [
      what,
      `${where} If an environment variable has \\n instead of line breaks, use replaceAll('\\\\n', '\\n').`,
    ],
    public: ['a private key, not a public one', publicHint],
    encrypted: [
      'a private key without a passphrase',
      'Decrypt it when you store it: `openssl pkey -in key.pem -out plain.pem`.',
    ],
    'key-pair': [
      '64 hexadecimal digits',
      'The first 64 of the 128 are the private key; the others are the public one.',
    ],
    'elliptic-curve': [
      'an RSA key, not an elliptic curve key',
      'Node.js makes a different ECDSA signature each time, so the URL of an image would never stay the same.',
    ],
    'other-kind': [
      `an ${kind} key`,
      `It is the only kind that ${verifier} verifies and that gives the same signature each time.`,
    ],
  } as const;
  return v.pipe(
    v.string(
      expectedSecret(
        what,
        "If it comes from the environment, is the variable set? From a file: readFileSync('key.pem', 'utf8').",
      ),
    ),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const key = read(dataset.value);
      if (typeof key !== 'string') return key;
      const [expected, hint] = mistakes[key];
      addIssue({ message: `expected ${expected}, got ${describeSecret(dataset.value)}. ${hint}` });
      return NEVER;
    }),
  );
}
