/** The form's fields for every scheme, with samples. This file imports nothing from the package, so it loads with the page. */

export interface Field {
  /** The option's name. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** The initial value. Keys are made up. */
  readonly sample: string;
  /** A credential: hidden while it is typed, and left out of links. */
  readonly isSecret?: boolean;
}

export interface SchemeForm {
  readonly title: string;
  readonly fields: readonly Field[];
}

const key = (label: string, sample: string): Field => ({ name: 'key', label, sample, isSecret: true });
const ttl = (sample: string): Field => ({
  name: 'ttl',
  label: 'ttl',
  hint: 'For example, 15m, 6h or 1d',
  sample,
});
const url = (sample: string): Field => ({ name: 'url', label: 'URL', hint: 'Where the images are', sample });
const prefixes = (sample: string): Field => ({
  name: 'prefixes',
  label: 'Prefixes',
  hint: 'Folders whose images are signed',
  sample,
});

export type SchemeName =
  | 'cloudflareImages'
  | 's3'
  | 'bunny'
  | 'cloudflareWaf'
  | 'googleCdn'
  | 'imgix'
  | 'imgproxy';

/** CloudFront is missing: it signs with RSA, and this page has no code for that. */
export const schemeForms: Readonly<Record<SchemeName, SchemeForm>> = {
  cloudflareImages: {
    title: 'Cloudflare Images',
    fields: [
      key('Key', 'an-example-key-that-signs-nothing-real'),
      {
        name: 'variants',
        label: 'Variants',
        hint: 'The variants that may be signed',
        sample: 'thumb, card, hero',
      },
      {
        name: 'alwaysPublic',
        label: 'Always public variants',
        hint: 'They need no token',
        sample: 'preview',
      },
      { name: 'accountHash', label: 'Account hash', hint: 'Empty: any account', sample: '' },
      { name: 'delivery', label: 'Delivery', sample: 'https://imagedelivery.net' },
      ttl('1d'),
    ],
  },
  s3: {
    title: 'S3, R2, MinIO, Google Cloud Storage',
    fields: [
      { name: 'accessKeyId', label: 'Access key id', sample: 'AKIAEXAMPLEEXAMPLE00', isSecret: true },
      {
        name: 'secretAccessKey',
        label: 'Secret access key',
        sample: 'an-example-secret-that-signs-nothing-real',
        isSecret: true,
      },
      url('https://photos.s3.eu-central-1.amazonaws.com'),
      { name: 'region', label: 'Region', hint: 'auto for R2', sample: 'eu-central-1' },
      prefixes('uploads/'),
      ttl('1h'),
    ],
  },
  bunny: {
    title: 'bunny',
    fields: [
      key('Token authentication key', '00000000-example-0000-example-00000000'),
      url('https://shop.b-cdn.net'),
      prefixes('uploads/'),
      ttl('1h'),
    ],
  },
  cloudflareWaf: {
    title: 'Cloudflare WAF token',
    fields: [
      key('Key', 'an-example-key-that-signs-nothing-real'),
      url('https://photos.example/private'),
      prefixes('uploads/'),
      ttl('3h'),
    ],
  },
  googleCdn: {
    title: 'Google Cloud CDN',
    fields: [
      key('Key', 'AAECAwQFBgcICQoLDA0ODw=='),
      { name: 'keyId', label: 'Key name', sample: 'images-2026' },
      url('https://cdn.example'),
      prefixes('uploads/'),
      ttl('1h'),
    ],
  },
  imgix: {
    title: 'imgix',
    fields: [
      key('Secure URL token', 'example-token-00'),
      url('https://shop.imgix.net'),
      prefixes('uploads/'),
      ttl('1d'),
    ],
  },
  imgproxy: {
    title: 'imgproxy',
    fields: [
      key('Key, in hex', '00112233445566778899aabbccddeeff'),
      { name: 'salt', label: 'Salt, in hex', sample: 'ffeeddccbbaa99887766554433221100', isSecret: true },
      url('https://imgproxy.example'),
      prefixes('https://photos.example/uploads/'),
      ttl('1d'),
    ],
  },
};

export const schemeNames: readonly SchemeName[] = Object.keys(schemeForms) as SchemeName[];

export function isSchemeName(name: unknown): name is SchemeName {
  return typeof name === 'string' && Object.hasOwn(schemeForms, name);
}

export function fieldsOf(scheme: SchemeName): readonly Field[] {
  return schemeForms[scheme].fields;
}

/** Values by field name. */
export type FieldValues = Readonly<Record<string, string>>;

export function samplesOf(scheme: SchemeName): FieldValues {
  return Object.fromEntries(fieldsOf(scheme).map(({ name, sample }) => [name, sample]));
}
