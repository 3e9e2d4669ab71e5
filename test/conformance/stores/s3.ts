/** Presigned URLs of a bucket. A page has the sizes of an image as files of their own. */
import { type S3Options, s3 } from '../../../src/schemes.ts';
import { leftOutWithoutVariants } from './left-out.ts';
import { type Store, separator, storedBase, urlsUnder } from './store.ts';

const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';

const options: S3Options = {
  url: bucket,
  region: 'eu-central-1',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'a-secret-for-tests-that-nobody-else-has',
  },
  prefixes: 'uploads/',
};

const parameters = [
  'Algorithm=AWS4-HMAC-SHA256',
  'Credential=[A-Z0-9]+(?:%[0-9A-F]{2}[a-z0-9_-]+){4}',
  'Date=\\d{8}T\\d{6}Z',
  'Expires=\\d+',
  'SignedHeaders=host',
  'Signature=[0-9a-f]{64}',
];

export const ofS3: Store = {
  name: 's3',
  options: { scheme: s3(options) },
  limits: {},
  url: urlsUnder(`${bucket}/uploads`, `${bucket}/invoices`),
  hasVariants: false,
  token: new RegExp(`(?:\\?|${separator})${parameters.map((each) => `X-Amz-${each}`).join(separator)}`, 'g'),
  more: [{ ttl: '1h' }],
  sizeOf: ({ id }) => id.split('/').at(-1)!.replace('.jpg', ''),
  stored: { options: { scheme: s3({ ...options, from: storedBase }) }, base: bucket },
  guarded: undefined,
  leftOut: {
    ...leftOutWithoutVariants,
    guard: { '*': 'a signature is for the host of the bucket, which the path of a request does not tell' },
  },
};
