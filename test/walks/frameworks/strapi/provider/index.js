const { signer } = require('../src/signer.js');

module.exports = {
  init: () => ({
    upload: () => {},
    delete: () => {},
    // For the previews of the media library.
    isPrivate: () => true,
    getSignedUrl: (file) => ({ url: signer.signImage(file.url) }),
  }),
};
