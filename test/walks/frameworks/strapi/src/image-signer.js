const { imageSigner } = require('image-signer/koa');
const { signer } = require('./signer.js');

module.exports = (options) => imageSigner({ signer, ...options });
