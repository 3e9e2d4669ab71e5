import { StorageClient } from '@supabase/storage-js';
import { createSigner } from 'image-signer';
import { s3 } from 'image-signer/schemes';

const { SUPABASE_S3_ID: accessKeyId, SUPABASE_S3_SECRET: secretAccessKey } = process.env;
const storage = `${process.env.SUPABASE_URL}/storage/v1`;
export const scheme = s3({
  url: `${storage}/s3/photos`,
  // From @supabase/storage-js 2.119: public and signed URLs, then both with a transform.
  from: [
    `${storage}/object/public/photos`,
    { base: `${storage}/object/sign/photos`, token: 'token' },
    `${storage}/render/image/public/photos`,
    { base: `${storage}/render/image/sign/photos`, token: 'token' },
  ],
  region: 'eu-central-1', // the project's
  // An access key for S3: in Supabase, Storage, Settings.
  credentials: { accessKeyId, secretAccessKey },
  prefixes: 'uploads/',
});

export const supabase = createSigner({ scheme, ttl: '1h' });

/** The library composes public URLs itself. For a signed one it asks Supabase for path and token, which this stands in for. */
async function answer(url, { body }) {
  const { expiresIn, transform, paths } = JSON.parse(body);
  const claims = (path) => Buffer.from(JSON.stringify({ url: path, exp: 1_764_460_800 + expiresIn }));
  const sign = (path) => {
    const token = ['eyJhbGciOiJIUzI1NiJ9', claims(path).toString('base64url'), 'c2lnbmF0dXJl'].join('.');
    return `${transform ? '/render/image' : '/object'}/sign/${path}?token=${token}`;
  };
  const [, object] = new URL(url).pathname.split('/object/sign/');
  return Response.json(
    paths
      ? paths.map((path) => ({ path, signedURL: sign(`${object}/${path}`), error: null }))
      : { signedURL: sign(object) },
  );
}

/** The URLs of five objects in each way in which the library writes them, as an app has stored them. */
export async function storedUrls() {
  const photos = new StorageClient(storage, {}, answer).from('photos');
  const transform = { width: 64, height: 64, resize: 'contain' };
  const download = 'photo.png';
  const publicOf = (path, options) => photos.getPublicUrl(path, options).data.publicUrl;
  const signedOf = async (path, options) =>
    (await photos.createSignedUrl(path, 3600, options)).data.signedUrl;
  const several = await photos.createSignedUrls(['uploads/several-1.png', 'uploads/several-2.png'], 3600);
  return [
    publicOf('uploads/public.png'),
    publicOf('uploads/2024/a photo (1).png'),
    publicOf('uploads/download.png', { download }),
    publicOf('uploads/small.png', { transform }),
    await signedOf('uploads/signed.png'),
    await signedOf('uploads/signed-download.png', { download }),
    await signedOf('uploads/signed-small.png', { transform }),
    ...several.data.map(({ signedUrl }) => signedUrl),
  ];
}
