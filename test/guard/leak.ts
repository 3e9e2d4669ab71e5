/** One request to a server behind the guard: did anything come out that its token does not open? */
import type { RequestListener } from 'node:http';
import type { Signer } from '../../src/index.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

/** With which token a path is asked for. */
export const tokens = ['none', 'its own', 'of the image that is meant', 'of another image'] as const;
export type Token = (typeof tokens)[number];

/**
 * The path with a token. Its own is what the site signs for whoever owns an image of this name, if there can be one.
 * @param meant - the image that the path is an alias of
 */
export function withToken(signer: Signer, path: string, token: Token, meant: string, other: string): string {
  if (token === 'none') return path;
  if (token === 'its own') {
    try {
      return signer.signImage(path);
    } catch {
      return path;
    }
  }
  const signed = signer.signImage(token === 'of another image' ? other : meant);
  return `${path}${path.includes('?') ? '&' : '?'}${signed.slice(signed.indexOf('?') + 1)}`;
}

/** @returns what is wrong with the answer, if anything is */
export async function leakOf(
  listener: RequestListener,
  target: string,
  signer: Signer,
  method = 'GET',
): Promise<string | undefined> {
  const { status, text } = await exchangeLater(listener, target, {}, method);
  // Express names the path that it does not find.
  if (text.startsWith('outside')) return `${target} brings what lies outside: ${JSON.stringify(text)}`;
  for (const [, path] of text.matchAll(/^private (.*)$/gm)) {
    // The path as it is signed; whatever came out is of this one image.
    const signed = new URL(`http://host/images/${path}`).pathname;
    const query = target.includes('?') ? target.slice(target.indexOf('?')) : '';
    if (!signer.verifyImage(`${signed}${query}`).ok) return `${target} (${status}) brings ${signed}`;
  }
  return undefined;
}
