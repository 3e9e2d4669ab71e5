/** No secret shows in what people print, log or send. */
import type { Found, Subject } from './subject.ts';

const maxDepth = 9;

/** @param shown - URLs that go out */
export function checkSecrets(subject: Subject, scheme: object, found: Found, shown: readonly string[]): void {
  const { definition } = subject;
  const places: readonly (readonly [place: string, texts: readonly string[]])[] = [
    ['the name', [definition.name]],
    ['the fingerprint', [definition.fingerprint, definition.secrets?.fingerprint ?? '']],
    ['a signed URL', shown],
    ['what match finds', textsOf(found.image)],
    ['JSON', [JSON.stringify(scheme) ?? '', JSON.stringify(definition) ?? '']],
    ['what an inspection of the scheme shows', [String(scheme), ...textsOf(scheme)]],
  ];
  for (const [index, secret] of subject.secrets.entries()) {
    const forms = formsOf(secret);
    for (const [place, texts] of places)
      if (texts.some((text) => forms.some((form) => text.includes(form))))
        subject.fail('secrets', `${place} shows no secret, but it holds secrets[${index}]`, shown[0] ?? '');
  }
}

/** Everything that `util.inspect` would show with `showHidden`: it calls no getter either. */
function textsOf(root: object): readonly string[] {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') texts.push(value);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    if (depth > maxDepth || seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      texts.push(latin1Of(value));
      return;
    }
    if (value instanceof Map || value instanceof Set) for (const each of value) visit(each, depth + 1);
    for (const key of Reflect.ownKeys(value)) {
      texts.push(String(key));
      visit(Reflect.getOwnPropertyDescriptor(value, key)?.value, depth + 1);
    }
  };
  visit(root, 0);
  return texts;
}

/** A secret as it is, and as what encodes bytes writes it. */
function formsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  const latin1 = latin1Of(bytes);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = btoa(latin1).replace(/=+$/, '');
  return [
    secret,
    latin1,
    encodeURIComponent(secret.toWellFormed()),
    hex,
    hex.toUpperCase(),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ];
}

function latin1Of(data: ArrayBuffer | ArrayBufferView): string {
  const bytes =
    data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
