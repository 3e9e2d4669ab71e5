const { markdown } = require('image-signer/markdown');

const { DELIVERY, SIGN_DATA } = process.env;
const imageSources = ["'self'", 'data:', DELIVERY];

module.exports = [
  {
    resolve: './src/image-signer.js',
    config: SIGN_DATA && {
      rewrite: { json: true },
      fields: { body: markdown, embed: 'html' },
      // The admin panel uses all other paths. It saves what it shows: send no tokens.
      skip: (ctx) => !/^\/(?:api|graphql)(?:\/|$)/.test(ctx.path),
    },
  },
  'strapi::logger',
  'strapi::errors',
  {
    name: 'strapi::security',
    config: {
      contentSecurityPolicy: { useDefaults: true, directives: { 'img-src': imageSources } },
    },
  },
  'strapi::cors',
  'strapi::query',
  'strapi::body',
  'strapi::favicon',
  'strapi::public',
];
