/** URLs that the delivery refuses, and what was done to each. It knows no framework and no server. */
import { createSigner, type DeliveryImage, type Signer } from 'image-signer';
import type { Clock } from './clock.ts';
import { brokenPicture, type Delivery } from './delivery.ts';
import { lendingOptions } from './policy.ts';
import type { VariantName } from './variants.ts';

/** Where refusals are explained, and where missing pictures are drawn: apart from what visitors get. */
export const explainedBase = '/refusals/pictures';
export const placeholderBase = '/refusals/placeholders';

/** Less than the gallery's pictures have, so that one of them is too large. */
export const megapixelsTaken = 1;

interface Run {
  readonly text: string;
  /** What is gone stands on the page, and not in the URL. */
  readonly kind: 'kept' | 'changed' | 'gone';
}

export interface RefusedUrl {
  readonly heading: string;
  /** What was done to the URL. */
  readonly deed: string;
  readonly url: string;
  /** The URL, with what was changed in it set apart. */
  readonly runs: readonly Run[];
  readonly status: number;
  /** The words in bold that the delivery draws. */
  readonly says: string;
}

type RefusalsSigner = Signer<VariantName, DeliveryImage>;

/** It signs for whatever the page shows, so it asks nobody. All refusals are staged: nobody is warned of them. */
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
      heading: 'Without its token',
      deed: 'Everything from the question mark on was cut off. URLs look like this in a page that nobody has signed.',
      runs: [kept(plain), gone(signed.slice(plain.length))],
    }),
    refused(403, 'Expired', {
      heading: 'After its expiry',
      deed: 'The signature is right. But the expiry that it was made for was two hours ago, as on a page that stayed open for too long.',
      runs: changed(signer.signImage(id, 'card', { expiresAt: twoHoursAgo }), String(twoHoursAgo)),
    }),
    refused(403, 'Wrong key', {
      heading: 'Signed with another key',
      deed: 'The app has one key, and the delivery another: the signature is one that this delivery would never make.',
      runs: changed(stranger.signImage(id, 'card'), signatureIn(stranger.signImage(id, 'card'))),
    }),
    refused(403, 'Signed wrongly', {
      heading: 'Changed after it was signed',
      deed: 'The token was made for the variant card. Then somebody asked for hero, and kept the token.',
      runs: swap('/card?', '/hero?'),
    }),
    refused(403, 'Broken token', {
      heading: 'Cut short',
      deed: 'The last characters of the signature are missing, as after a careless copy.',
      runs: [kept(signed.slice(0, -12)), gone(signed.slice(-12))],
    }),
    refused(403, 'Unknown variant', {
      heading: 'A variant that is not there',
      deed: 'The URL asks for poster. The delivery has thumb, card, hero and preview.',
      runs: swap('/card?', '/poster?'),
    }),
    refused(403, 'Flexible variant', {
      heading: 'A size in place of a variant',
      deed: 'A width stands where the name of a variant should stand. Such a URL cannot be signed.',
      runs: swap('/card?', '/w=400?'),
    }),
    refused(403, 'Other account', {
      heading: 'Another account',
      deed: 'The account hash in the URL is none that this delivery has pictures of.',
      runs: swap(accountHash, otherAccount),
    }),
    refused(404, 'No such image', {
      heading: 'A picture that is not there',
      deed: 'The token is good. The folder has no file of this name.',
      runs: changed(signer.signImage(missingId, 'card'), missingId),
    }),
    refused(415, 'Not an image', {
      heading: 'A picture that is broken',
      deed: 'The token is good, and the folder has such a file. But its upload broke off, and only the first bytes came.',
      runs: changed(signer.signImage(brokenPicture.id, 'card'), brokenPicture.id),
    }),
    refused(413, 'Too large', {
      heading: 'Too many pixels',
      deed: `Nothing is wrong with the URL. This delivery takes ${megapixelsTaken} megapixel at most, and the picture has more.`,
      runs: [kept(signed)],
    }),
  ];
}

/** What `placeholder: true` draws. */
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

/** @param part - what was changed, with the delimiters around it, if they are needed to find it */
function changed(url: string, part: string): readonly Run[] {
  const text = part.replace(/^\/|\?$/g, '');
  const start = url.indexOf(part) + part.indexOf(text);
  return [kept(url.slice(0, start)), { text, kind: 'changed' }, kept(url.slice(start + text.length))];
}

function signatureIn(url: string): string {
  return url.slice(url.lastIndexOf('=') + 1);
}
