/** One article, with an image in every kind of field that can hold one, as it was stored a year ago. */
import { createSigner } from 'image-signer';

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

/** Directus gives it to everybody. */
const publicPolicy = 'abf8a154-5b1c-4a46-ac9c-7300570f4f17';

export async function storeOldArticle({ database, getSchema, services }) {
  if (await database.schema.hasTable('articles')) return; // each walk starts Directus anew
  const collections = new services.CollectionsService({ schema: await getSchema() });
  const key = { is_primary_key: true, has_auto_increment: true };
  await collections.createOne({
    collection: 'articles',
    schema: {},
    fields: [
      { field: 'id', type: 'integer', schema: key },
      { field: 'cover', type: 'string', meta: { interface: 'input' } },
      { field: 'body', type: 'text', meta: { interface: 'input-rich-text-html' } },
      { field: 'notes', type: 'text', meta: { interface: 'input-rich-text-md' } },
      { field: 'gallery', type: 'json', meta: { interface: 'list', special: ['cast-json'] } },
    ],
  });
  await collections.createOne({
    collection: 'archive',
    schema: {},
    fields: [
      { field: 'id', type: 'integer', schema: key },
      { field: 'cover', type: 'string', meta: { interface: 'input' } },
    ],
  });
  const permissions = new services.PermissionsService({ schema: await getSchema() });
  for (const action of ['create', 'read', 'update'])
    await permissions.createOne({
      policy: publicPolicy,
      collection: 'articles',
      action,
      fields: ['*'],
      permissions: {},
      validation: {},
    });
  // By SQL, past what is done to that which is saved now.
  await database('articles').insert({
    cover: elsewhere('cover'),
    body: `<p><img alt="body" src="${elsewhere('body').replace('&', '&amp;')}"></p>`,
    notes: `# Markdown\n\n![](${urlOf('notes')})`,
    gallery: JSON.stringify([{ url: urlOf('gallery') }]),
  });
  await database('archive').insert({ cover: urlOf('archive') }); // nobody edits it
}
