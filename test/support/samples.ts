/** Names that tests share. */
import { createSigner, type Signer, type SignerOptions } from '../../src/index.ts';

export const key = 'a-key-for-tests-that-nobody-else-has';
export const accountHash = 'cheeW4oKsx5ljh8e8BoL2A';
export const otherAccount = 'ZWd9g1K7eljCn_KDTu_MWA';
export const id = '0a64c1e2-7b3d-4f58-9c21-5d8e03b7f6a1';
export const otherId = '1f9d27b4-60ac-4e17-8b5a-c3e94d0817b2';
/** 2026-09-21T14:13:20Z, in the middle of a step of six hours. */
export const instant = 1_790_000_000_000;

/** A delivery URL without a token. */
export function url(variant = 'thumb', image: string = id, account: string = accountHash): string {
  return `https://imagedelivery.net/${account}/${image}/${variant}`;
}

export type Options = Partial<SignerOptions>;

/** A signer for tests; its clock stands still unless `now` is given. */
export function signerWith(options: Options = {}): Signer {
  return createSigner({ ...base, ...options } as SignerOptions);
}

export const base: SignerOptions = {
  key,
  ttl: '1d',
  variants: { thumb: { width: 320 }, card: { width: 640 }, preview: { alwaysPublic: true } },
  now: () => instant,
};

/** A clock that a test moves. */
export interface Clock {
  (): number;
  advance(seconds: number): void;
}

export function clockAt(start: number = instant): Clock {
  let now = start;
  const clock = (): number => now;
  return Object.assign(clock, {
    advance(seconds: number) {
      now += seconds * 1000;
    },
  });
}

const token =
  /(?:\?|&(?:amp;)*|&#38;|\\u0026|%3F|%26)exp(?:=|%3D)\d+(?:&(?:amp;)*|&#38;|\\u0026|%26)sig(?:=|%3D)[0-9a-f]{64}/g;

/** The text without the tokens that a signer puts on. */
export function withoutTokens(text: string): string {
  return text.replace(token, '');
}

/** How many tokens stand in a text. */
export function countTokens(text: string): number {
  return text.match(token)?.length ?? 0;
}
