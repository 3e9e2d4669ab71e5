module.exports = () => ({
  upload: { config: { provider: 'strapi-provider-upload-images' } },
});
