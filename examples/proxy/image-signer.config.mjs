/** What the proxy signs, and for whom. The key is not here: set `--key-file` or `IMAGES_KEY`. */
export default {
  ttl: '1d',
  // The first part of your delivery URLs.
  accountHash: process.env.IMAGES_ACCOUNT_HASH,
  variants: {
    card: { width: 640 },
    hero: { width: 1280 },
    // "Always allow public access" at Cloudflare.
    preview: { alwaysPublic: true },
  },
  // Are your pages the same for everybody? Then remove the rest: pages can be cached, and all images are signed.
  deniedVariant: 'preview',
  // Asks the site who is signed in. wordpress/image-signer-viewer.php answers.
  viewer: (_request, { askTarget }) => askTarget('/wp-admin/admin-ajax.php?action=image_signer_viewer'),
  // Without an answer `viewer` is undefined, and the image is refused.
  authorize: (_image, { viewer }) => viewer?.isSignedIn === true,
};
