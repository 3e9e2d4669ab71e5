/** Cloudflare Images, by the options of the factory itself: what the suite was written for. */
import { accountHash, base, id, url } from '../../support/samples.ts';
import { type Guarded, type Store, separator, storedBase } from './store.ts';

const folder = `/images/${accountHash}/${id}`;

const guarded: Guarded = {
  at: '/images',
  options: { delivery: '/images', accountHash },
  path: `${folder}/thumb`,
  other: `${folder}/card`,
  image: { base: '/images', scheme: 'cloudflare-images', accountHash, id, variant: 'thumb' },
  refusals: [
    [`${folder}/thumb?exp=1&sig=1`, 403, 'malformed-signature'],
    [`${folder}/original`, 403, 'variant-not-allowed'],
    [`/images/another/${id}/thumb`, 403, 'account-not-allowed'],
    ['/images/thumb', 404, 'not-a-delivery-url'],
  ],
};

export const cloudflare: Store = {
  name: 'cloudflare',
  options: { key: base.key, variants: base.variants },
  limits: { accountHash },
  url,
  hasVariants: true,
  token: new RegExp(`(?:\\?|${separator}|%3F)exp(?:=|%3D)\\d+${separator}sig(?:=|%3D)[0-9a-f]{64}`, 'g'),
  more: ['card', { ttl: '1h' }],
  sizeOf: ({ variant }) => variant,
  stored: { options: { from: storedBase }, base: 'https://imagedelivery.net' },
  guarded,
  leftOut: {},
};
