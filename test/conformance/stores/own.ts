/** The scheme of `docs/own-scheme.md`, as an app would define it. */
import { myCdn } from '../../tools/testing/my-cdn.ts';
import { leftOutWithoutVariants } from './left-out.ts';
import { type Store, separator, urlsUnder } from './store.ts';

const folder = '/private/photos/holiday-1';

const options = { scheme: myCdn('a-key-for-tests-that-nobody-else-has') };

export const own: Store = {
  name: 'own',
  options,
  limits: {},
  url: urlsUnder('https://cdn.example/private/photos', 'https://cdn.example/private/invoices'),
  hasVariants: false,
  token: new RegExp(`(?:\\?|${separator})expires=\\d+${separator}token=[0-9a-f]{64}`, 'g'),
  more: [{ ttl: '1h' }],
  sizeOf: ({ id }) => id.split('/').at(-1)!.replace('.jpg', ''),
  guarded: {
    at: '/private',
    options,
    path: `${folder}/thumb.jpg`,
    other: `${folder}/card.jpg`,
    image: { base: '/private', id: 'photos/holiday-1/thumb.jpg' },
    refusals: [
      ['/private/invoices/1.jpg', 404, 'not-a-delivery-url'],
      ['/private/photos', 404, 'not-a-delivery-url'],
    ],
  },
  leftOut: leftOutWithoutVariants,
};
