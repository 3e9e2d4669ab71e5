const { markdown } = require('image-signer/markdown');

const { DELIVERY, SIGN_DATA } = process.env;

module.exports = [
  {
    resolve: './src/image-signer.js',
    config: SIGN_DATA && {
      rewrite: { json: true },
      fields: { body: markdown, embed: 'html' },
      // All else is for editors: what the admin panel shows is saved again, and a token would be saved with it.
      skip: (ctx) => !/^\/(?:api|graphql)(?:\/|$)/.test(ctx.path),
    },
  },
  'strapi::logger',
  'strapi::errors',
  {
    name: 'strapi::security',
    config: {
      contentSecurityPolicy: { useDefaults: true, directives: { 'img-src': ["'self'", 'data:', DELIVERY] } },
    },
  },
  'strapi::cors',
  'strapi::query',
  'strapi::body',
  'strapi::favicon',
  'strapi::public',
];
