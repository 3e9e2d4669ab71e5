/** The variants of every picture, as they would be set up at Cloudflare. */

/** For the signer and the delivery. All are private except `preview`, which is blurred and always public. */
export const variants = {
  thumb: { width: 320 },
  card: { width: 640 },
  hero: { width: 1280 },
  preview: { width: 640, blur: 24, alwaysPublic: true },
} as const;

export type VariantName = keyof typeof variants;

export const variantNames: readonly VariantName[] = ['thumb', 'card', 'hero', 'preview'];
