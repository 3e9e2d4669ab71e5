const { imageSigner } = require('image-signer/koa');

module.exports = (options) => imageSigner(options);
