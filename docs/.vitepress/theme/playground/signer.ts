/** Makes a signer from the form's values. */
import { createSigner, type Signer } from '../../../../src/fetch.ts';
import { bunny } from '../../../../src/schemes/bunny.ts';
import { cloudflareWaf } from '../../../../src/schemes/cloudflare-waf.ts';
import { googleCdn } from '../../../../src/schemes/google-cdn.ts';
import { imgix } from '../../../../src/schemes/imgix.ts';
import { imgproxy } from '../../../../src/schemes/imgproxy.ts';
import { s3 } from '../../../../src/schemes/s3.ts';
import type { FieldValues, SchemeName } from './schemes.ts';

const now = (): number => Date.now();

type Values = Readonly<Record<string, string | undefined>>;
type Duration = `${number}s`;

/** @throws ImageSignerError INVALID_OPTION; its `option` is a field's name or begins with one */
export function signerOf(scheme: SchemeName, values: FieldValues): Signer {
  const common = { ttl: durationOf(values), now, report: false } as const;
  if (scheme === 'cloudflareImages') return createSigner({ ...common, ...cloudflareOptions(values) });
  return createSigner({ ...common, scheme: schemes[scheme](values) });
}

const schemes = {
  s3({ url = '', region = '', accessKeyId, secretAccessKey, prefixes = '' }: Values) {
    const credentials = { accessKeyId, secretAccessKey };
    return s3({ url, region, credentials, prefixes: listOf(prefixes) });
  },
  bunny: ({ url = '', key, prefixes = '' }: Values) => bunny({ url, key, prefixes: listOf(prefixes) }),
  cloudflareWaf: ({ url = '', key, prefixes = '' }: Values) =>
    cloudflareWaf({ url, key, prefixes: listOf(prefixes) }),
  googleCdn: ({ url = '', key, keyId = '', prefixes = '' }: Values) =>
    googleCdn({ url, key, keyId, prefixes: listOf(prefixes) }),
  imgix: ({ url = '', key, prefixes = '' }: Values) => imgix({ url, key, prefixes: listOf(prefixes) }),
  imgproxy: ({ url = '', key, salt, prefixes = '' }: Values) =>
    imgproxy({ url, key, salt, prefixes: listOf(prefixes) }),
};

function cloudflareOptions({
  key,
  variants = '',
  alwaysPublic = '',
  accountHash = '',
  delivery = '',
}: Values) {
  const signed = listOf(variants).map((name) => [name, {}]);
  const open = listOf(alwaysPublic).map((name) => [name, { alwaysPublic: true }]);
  const accounts = listOf(accountHash);
  const bases = listOf(delivery);
  return {
    key,
    variants: Object.fromEntries([...signed, ...open]) as Record<string, { alwaysPublic?: true }>,
    ...(accounts.length > 0 && { accountHash: accounts }),
    ...(bases.length > 0 && { delivery: bases }),
  };
}

/** A duration as the package writes it, or seconds. The package refuses anything else. */
function durationOf({ ttl = '' }: Values): number | Duration {
  const text = ttl.trim();
  return /^\d+$/.test(text) ? Number(text) : (text as Duration);
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}
