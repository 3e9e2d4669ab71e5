/** All stores that the suite runs over. */
import { cloudflare } from './cloudflare.ts';
import { own } from './own.ts';
import { ofS3 } from './s3.ts';
import type { Store } from './store.ts';

export const stores: readonly Store[] = [cloudflare, ofS3, own];

/** The text without the tokens of any store. */
export function withoutTokens(text: string): string {
  return stores.reduce((rest, { token }) => rest.replace(token, ''), text);
}

/** How many tokens stand in a text. */
export function countTokens(text: string): number {
  return stores.reduce((sum, { token }) => sum + (text.match(token)?.length ?? 0), 0);
}
