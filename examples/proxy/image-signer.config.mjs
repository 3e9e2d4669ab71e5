/** What the proxy signs, and for whom. The key is not here: `--key-file` names its file, or `IMAGES_KEY` holds it. */
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
  // Are your pages the same for everybody? Then remove the rest: pages may be cached, and nobody is asked about.
  deniedVariant: 'preview',
  // The site says who is signed in. In wordpress/image-signer-viewer.php it does.
  viewer: (_request, { askTarget }) => askTarget('/wp-admin/admin-ajax.php?action=image_signer_viewer'),
  // Without an answer `viewer` is undefined: that is a no.
  authorize: (_image, { viewer }) => viewer?.isSignedIn === true,
};
