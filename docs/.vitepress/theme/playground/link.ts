/**
 * A link with the playground's state in its fragment, which browsers do not send to a server. It never contains a
 * credential. Anybody can make a link: it is parsed strictly, and its content is shown as text.
 */
import { type FieldValues, fieldsOf, isSchemeName, type SchemeName } from './schemes.ts';

export interface PlaygroundState {
  readonly scheme: SchemeName;
  /** The fields of the chosen scheme. */
  readonly values: FieldValues;
  readonly html: string;
  readonly url: string;
}

const prefix = '#play=';

/** Longer links are cut by mail programs and chats. */
const maxLinkLength = 30_000;

export type Fragment =
  | { readonly ok: true; readonly fragment: string }
  | { readonly ok: false; readonly reason: 'holds-secret' | 'too-long' };

export function fragmentOf({ scheme, values, html, url }: PlaygroundState): Fragment {
  const fields = fieldsOf(scheme);
  const secrets = fields.flatMap(({ name, isSecret }) => (isSecret ? (values[name] ?? '') : []));
  const shared = fields.flatMap(({ name, isSecret }): [string, string][] =>
    isSecret ? [] : [[name, values[name] ?? '']],
  );
  const state: PlaygroundState = { scheme, values: Object.fromEntries(shared), html, url };
  if (holdsOneOf([html, url, ...Object.values(state.values)], secrets)) {
    return { ok: false, reason: 'holds-secret' };
  }
  const fragment = prefix + toBase64Url(JSON.stringify(state));
  return fragment.length > maxLinkLength ? { ok: false, reason: 'too-long' } : { ok: true, fragment };
}

/** @returns undefined if this page did not make the fragment; credentials are left out */
export function stateOf(fragment: string): PlaygroundState | undefined {
  if (!fragment.startsWith(prefix) || fragment.length > maxLinkLength) return undefined;
  let state: unknown;
  try {
    state = JSON.parse(fromBase64Url(fragment.slice(prefix.length)));
  } catch {
    return undefined;
  }
  if (!isRecord(state)) return undefined;
  const { scheme, values, html, url } = state;
  if (!isSchemeName(scheme) || !isRecord(values) || typeof html !== 'string' || typeof url !== 'string') {
    return undefined;
  }
  const read = fieldsOf(scheme).flatMap(({ name, isSecret }): [string, string][] => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return isSecret || typeof value !== 'string' ? [] : [[name, value]];
  });
  return { scheme, values: Object.fromEntries(read), html, url };
}

/** Any page contains a key of a few characters by chance. */
const minSecretLength = 6;

/** Somebody may have pasted a key into the wrong field, or percent-encoded it. */
function holdsOneOf(texts: readonly string[], secrets: readonly string[]): boolean {
  const long = secrets.map((secret) => secret.trim()).filter((secret) => secret.length >= minSecretLength);
  const spellings = long.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return texts.some((text) => spellings.some((secret) => text.includes(secret)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toBase64Url(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): string {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return decoder.decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}
