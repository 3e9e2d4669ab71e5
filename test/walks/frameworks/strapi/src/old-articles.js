/** One article, with an image in every kind of field that can hold one, as it was stored a year ago. */
const { createSigner } = require('image-signer/koa');

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH } = process.env;
const aYearAgo = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  now: () => Date.now() - 365 * 86_400_000,
});

const urlOf = (id, variant) => aYearAgo.signImage(id, variant);
const elsewhere = (id, variant) => urlOf(id, variant).replace(DELIVERY, 'http://images.internal:8080');
const file = (name, variant) => ({
  name,
  hash: name,
  ext: '.svg',
  mime: 'image/svg+xml',
  size: 1,
  width: 64,
  height: 64,
  url: urlOf(name, variant),
  provider: 'strapi-provider-upload-images',
});

exports.storeOldArticle = async (strapi) => {
  if ((await strapi.documents('api::article.article').count({})) > 0) return; // each walk starts Strapi anew
  const photo = await strapi.db.query('plugin::upload.file').create({
    data: { ...file('photo', 'card'), formats: { thumbnail: file('thumbnail', 'thumb') } },
  });
  await strapi.documents('api::article.article').create({
    data: { title: 'An article', photo: photo.id, sections: [{ __component: 'shared.text', body: '-' }] },
    status: 'published',
  });
  // Below the document service, past what is done to that which is saved now.
  await strapi.db.query('shared.text').updateMany({
    data: { body: `![section](${elsewhere('section', 'card')})` },
  });
  await strapi.db.query('api::article.article').updateMany({
    data: {
      cover: elsewhere('cover', 'card'),
      blocks: [
        { type: 'paragraph', children: [{ type: 'text', text: 'Text' }] },
        {
          type: 'image',
          image: { ...file('block', 'card'), createdAt: '2025-01-01', updatedAt: '2025-01-01' },
          children: [{ type: 'text', text: '' }],
        },
      ],
      body: `# Markdown\n\n![body](${urlOf('body', 'card')})`,
      embed: `<p><img alt="embed" src="${elsewhere('embed', 'card').replace('&', '&amp;')}"></p>`,
    },
  });
};
