/** The scheme of `docs/own-scheme.md`, as an app would define it. */
import { createScheme, definitionOf } from '../../../src/schemes/definition.ts';
import { myCdn } from '../../tools/testing/my-cdn.ts';
import { leftOutWithoutVariants } from './left-out.ts';
import { type Store, separator, storedBase, urlsUnder } from './store.ts';

const folder = '/private/photos/holiday-1';

const scheme = myCdn('a-key-for-tests-that-nobody-else-has');
const options = { scheme };
const from = [{ text: storedBase, authority: 'old.example:9000', path: '/photos', tokens: [] }];

export const own: Store = {
  name: 'own',
  options,
  limits: {},
  url: urlsUnder('https://cdn.example/private/photos', 'https://cdn.example/private/invoices'),
  hasVariants: false,
  token: new RegExp(`(?:\\?|${separator})expires=\\d+${separator}token=[0-9a-f]{64}`, 'g'),
  more: [{ ttl: '1h' }],
  sizeOf: ({ id }) => id.split('/').at(-1)!.replace('.jpg', ''),
  stored: {
    options: { scheme: createScheme({ ...definitionOf(scheme)!, from }) },
    base: 'https://cdn.example/private',
  },
  guarded: {
    at: '/private',
    options,
    path: `${folder}/thumb.jpg`,
    other: `${folder}/card.jpg`,
    image: { base: '/private', scheme: 'my-cdn', id: 'photos/holiday-1/thumb.jpg' },
    refusals: [
      ['/private/invoices/1.jpg', 404, 'not-a-delivery-url'],
      ['/private/photos', 404, 'not-a-delivery-url'],
    ],
  },
  leftOut: leftOutWithoutVariants,
};
