/** URLs that the delivery refuses, and how each was changed. It does not depend on a framework. */
import { createSigner, type DeliveryImage, type Signer } from 'image-signer';
import type { Clock } from './clock.ts';
import { brokenPicture, type Delivery } from './delivery.ts';
import { lendingOptions } from './policy.ts';
import type { VariantName } from './variants.ts';

/** Deliveries that explain refusals and draw placeholders, apart from the one that visitors use. */
export const explainedBase = '/refusals/pictures';
export const placeholderBase = '/refusals/placeholders';

/** Less than the gallery's pictures have, so that they are too large. */
export const megapixelsTaken = 1;

interface Run {
  readonly text: string;
  /** Text that is `gone` is on the page, but not in the URL. */
  readonly kind: 'kept' | 'changed' | 'gone';
}

export interface RefusedUrl {
  readonly heading: string;
  /** How the URL was changed. */
  readonly deed: string;
  readonly url: string;
  /** The URL, split where it was changed. */
  readonly runs: readonly Run[];
  readonly status: number;
  /** The words that the delivery draws in bold. */
  readonly says: string;
}

type RefusalsSigner = Signer<VariantName, DeliveryImage>;

/** It has no `authorize`: it signs all URLs of the page. All refusals are staged, so it reports none. */
export function createRefusalsSigner(
  { key, accountHash }: Pick<Delivery, 'key' | 'accountHash'>,
  clock: Clock,
): RefusalsSigner {
  const bases = { base: explainedBase, absoluteBase: placeholderBase };
  return createSigner({ ...lendingOptions({ key, accountHash, ...bases }, clock), report: () => {} });
}

/** @param id - of a picture that everybody may see */
export function refusedUrls(
  signer: RefusalsSigner,
  delivery: Pick<Delivery, 'key' | 'accountHash'>,
  clock: Clock,
  id: string,
): readonly RefusedUrl[] {
  const stranger = createRefusalsSigner({ ...delivery, key: 'a key that the delivery does not have' }, clock);
  const { accountHash } = delivery;
  const signed = signer.signImage(id, 'card');
  const plain = signer.unsignImage(signed);
  const twoHoursAgo = Math.floor(clock.now() / 1000) - 2 * 3600;
  const missingId = 'a-picture-that-nobody-took';
  const otherAccount = 'AnotherAccount-0123456';
  const swap = (part: string, other: string): readonly Run[] => changed(signed.replace(part, other), other);
  return [
    refused(403, 'No token', {
      heading: 'Without a token',
      deed: 'Everything from the question mark on was removed. URLs look like this in a page that is not signed.',
      runs: [kept(plain), gone(signed.slice(plain.length))],
    }),
    refused(403, 'Expired', {
      heading: 'Expired',
      deed: 'The signature is right, but the token expired two hours ago. This happens to a page that stays open.',
      runs: changed(signer.signImage(id, 'card', { expiresAt: twoHoursAgo }), String(twoHoursAgo)),
    }),
    refused(403, 'Wrong key', {
      heading: 'Signed with another key',
      deed: 'The app and the delivery have different keys, so the signature does not match.',
      runs: changed(stranger.signImage(id, 'card'), signatureIn(stranger.signImage(id, 'card'))),
    }),
    refused(403, 'Signed wrongly', {
      heading: 'Changed after it was signed',
      deed: 'The token was made for the variant card. Then card was replaced with hero, and the token was kept.',
      runs: swap('/card?', '/hero?'),
    }),
    refused(403, 'Broken token', {
      heading: 'Truncated',
      deed: 'The last characters of the signature are missing, for example after a careless copy.',
      runs: [kept(signed.slice(0, -12)), gone(signed.slice(-12))],
    }),
    refused(403, 'Unknown variant', {
      heading: 'An unknown variant',
      deed: 'The URL asks for poster. The delivery has thumb, card, hero and preview.',
      runs: swap('/card?', '/poster?'),
    }),
    refused(403, 'Flexible variant', {
      heading: 'A size instead of a variant',
      deed: 'The URL has a width instead of the name of a variant. Such URLs cannot be signed.',
      runs: swap('/card?', '/w=400?'),
    }),
    refused(403, 'Other account', {
      heading: 'Another account',
      deed: 'The account hash in the URL is not the one of this delivery.',
      runs: swap(accountHash, otherAccount),
    }),
    refused(404, 'No such image', {
      heading: 'A missing picture',
      deed: 'The token is valid, but the folder has no file with this name.',
      runs: changed(signer.signImage(missingId, 'card'), missingId),
    }),
    refused(415, 'Not an image', {
      heading: 'A broken picture',
      deed: 'The token is valid, and the file exists. But its upload was interrupted after the first bytes.',
      runs: changed(signer.signImage(brokenPicture.id, 'card'), brokenPicture.id),
    }),
    refused(413, 'Too large', {
      heading: 'Too many pixels',
      deed: `The URL is valid. But this delivery accepts at most ${megapixelsTaken} megapixel, and the picture has more.`,
      runs: [kept(signed)],
    }),
  ];
}

/** The URL of a picture that `placeholder: true` draws. */
export function placeholderUrl(signer: RefusalsSigner): string {
  const url = signer.signImage('lake-day', 'card');
  return url.replace(explainedBase, placeholderBase);
}

function refused(
  status: number,
  says: string,
  { runs, ...rest }: Pick<RefusedUrl, 'heading' | 'deed' | 'runs'>,
): RefusedUrl {
  const url = runs.map(({ text, kind }) => (kind === 'gone' ? '' : text)).join('');
  return { ...rest, status, says, runs, url };
}

function kept(text: string): Run {
  return { text, kind: 'kept' };
}

function gone(text: string): Run {
  return { text, kind: 'gone' };
}

/** @param part - the changed text, with its delimiters where they are needed to find it */
function changed(url: string, part: string): readonly Run[] {
  const text = part.replace(/^\/|\?$/g, '');
  const start = url.indexOf(part) + part.indexOf(text);
  return [kept(url.slice(0, start)), { text, kind: 'changed' }, kept(url.slice(start + text.length))];
}

function signatureIn(url: string): string {
  return url.slice(url.lastIndexOf('=') + 1);
}
