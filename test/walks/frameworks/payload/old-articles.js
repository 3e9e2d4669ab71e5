/** One article, with an image in every kind of field that can hold one, as it was stored a year ago. */
import { createSigner } from 'image-signer/fetch';
import { getPayload } from 'payload';
import config from './payload.config.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH } = process.env;
const aYearAgo = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  now: () => Date.now() - 365 * 86_400_000,
});
const urlOf = (id) => aYearAgo.signImage(id, 'card');
const elsewhere = (id) => urlOf(id).replace(DELIVERY, 'http://images.internal:8080');

const payload = await getPayload({ config });
await payload.create({
  collection: 'users',
  data: { email: 'editor@example.org', password: 'Only for this 1' },
});
// By the database's own methods, past what is done to that which is saved now.
const photo = await payload.db.create({ collection: 'media', data: { filename: 'photo' } });
await payload.db.create({
  collection: 'articles',
  data: {
    title: 'An article',
    cover: elsewhere('cover'),
    photo: photo.id,
    body: richText({
      type: 'link',
      version: 3,
      fields: { linkType: 'custom', newTab: false, url: urlOf('link') },
      children: [{ type: 'text', version: 1, text: 'A link to an image' }],
    }),
    notes: `# Markdown\n\n![](${urlOf('notes')})`,
    embed: `<p><img alt="embed" src="${elsewhere('embed').replace('&', '&amp;')}"></p>`,
    gallery: [{ id: 'one', image: urlOf('gallery') }],
  },
});

function richText(...children) {
  return {
    root: {
      type: 'root',
      version: 1,
      format: '',
      indent: 0,
      direction: 'ltr',
      children: [{ type: 'paragraph', version: 1, format: '', indent: 0, direction: 'ltr', children }],
    },
  };
}
