const { DELIVERY, ACCOUNT_HASH } = process.env;
const urlOf = (id, variant) => `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
const file = (name, variant) => ({
  name,
  hash: name,
  ext: '.svg',
  mime: 'image/svg+xml',
  size: 1,
  width: 64,
  height: 64,
  url: urlOf(name, variant),
  provider: 'cloudflare',
});

module.exports = {
  /** One article, with an image in every kind of field that can hold one. */
  async bootstrap({ strapi }) {
    if ((await strapi.documents('api::article.article').count({})) > 0) return; // each walk starts Strapi anew
    const photo = await strapi.db.query('plugin::upload.file').create({
      data: {
        ...file('photo', 'card'),
        formats: { thumbnail: file('thumbnail', 'thumb') },
      },
    });
    await strapi.documents('api::article.article').create({
      data: {
        title: 'An article',
        cover: urlOf('cover', 'card'),
        photo: photo.id,
        blocks: [
          { type: 'paragraph', children: [{ type: 'text', text: 'Text' }] },
          {
            type: 'image',
            image: { ...file('block', 'card'), createdAt: '2026-01-01', updatedAt: '2026-01-01' },
            children: [{ type: 'text', text: '' }],
          },
        ],
        body: `# Markdown\n\n![body](${urlOf('body', 'card')})`,
        embed: `<p><img alt="embed" src="${urlOf('embed', 'card')}"></p>`,
      },
      status: 'published',
    });
  },
};
