const { storeOldArticle } = require('./old-articles.js');
const { signer } = require('./signer.js');

module.exports = {
  register({ strapi }) {
    strapi.documents.use((context, next) => {
      const { data } = context.params;
      if (data) context.params.data = signer.unsignData(data);
      return next();
    });
  },

  async bootstrap({ strapi }) {
    await storeOldArticle(strapi);
    if (process.env.CLEAN) await takeTokensOff(strapi);
  },
};

/** Once, for what was saved before: every row of every type and component. */
async function takeTokensOff(strapi) {
  for (const uid of Object.keys({ ...strapi.contentTypes, ...strapi.components }))
    for (const row of await strapi.db.query(uid).findMany()) {
      const data = signer.unsignData(row);
      if (data !== row) await strapi.db.query(uid).update({ where: { id: row.id }, data });
    }
}
