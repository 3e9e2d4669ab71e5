import { createSigner, imageSigner } from 'image-signer';
import { markdown } from 'image-signer/markdown';
import { storeOldArticle } from './old-articles.js';
import { serveSite } from './site.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, SIGN_DATA, CLEAN } = process.env;
const signer = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  // The images' former host: old articles still have its address.
  from: 'http://images.internal:8080',
});

export default ({ filter, init }, context) => {
  if (SIGN_DATA)
    init('app.before', ({ app }) => {
      app.use(
        imageSigner({
          signer,
          rewrite: { json: true },
          fields: { body: 'html', notes: markdown },
          // Studio users save what they see, so they must get no tokens.
          skip: (req) => req.accountability?.app === true,
        }),
      );
    });

  init('routes.before', ({ app }) => serveSite(app));
  init('app.after', async () => {
    await storeOldArticle(context);
    if (CLEAN) await takeTokensOff(context);
  });

  for (const event of ['items.create', 'items.update'])
    filter(event, (payload) => signer.unsignData(payload));
};

/** Once, for what was saved before. */
async function takeTokensOff({ getSchema, services }) {
  const schema = await getSchema();
  for (const { collection, primary } of Object.values(schema.collections)) {
    if (collection.startsWith('directus_')) continue;
    const items = new services.ItemsService(collection, { schema });
    for (const row of await items.readByQuery({ limit: -1 })) {
      const plain = signer.unsignData(row);
      if (plain !== row) await items.updateOne(row[primary], plain);
    }
  }
}
