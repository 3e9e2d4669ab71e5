const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, SIGN_DATA } = process.env;

module.exports = [
  {
    resolve: './src/image-signer.js',
    config: {
      key: IMAGES_KEY,
      ttl: '1d',
      variants: ['thumb', 'card'],
      accountHash: ACCOUNT_HASH,
      delivery: DELIVERY,
      ...(SIGN_DATA && {
        rewrite: { json: true },
        fields: { body: 'markdown', embed: 'html' },
        // The editor's own API: what it shows is saved again, and a token would be saved with it.
        skip: (ctx) => !ctx.path.startsWith('/api/'),
      }),
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
