/** The variants of every picture, as they would be set up at Cloudflare. */

/** What signer and delivery are told: all are private but `preview`, which is blurred and shown to everybody. */
export const variants = {
  thumb: { width: 320 },
  card: { width: 640 },
  hero: { width: 1280 },
  preview: { width: 640, blur: 24, alwaysPublic: true },
} as const;

export type VariantName = keyof typeof variants;

export const variantNames: readonly VariantName[] = ['thumb', 'card', 'hero', 'preview'];
