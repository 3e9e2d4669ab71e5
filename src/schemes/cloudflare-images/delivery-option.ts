/** The options `delivery` and `accountHash`: the base URLs of images, and the accounts that own them. */
import * as v from 'valibot';
import type { Base } from '../../url/base.ts';
import { decodeSegment } from '../../url/canonical.ts';
import { baseText } from '../../validation/base.ts';
import { expected } from '../../validation/message.ts';
import { isRecord, listOf, type Schema } from '../../validation/schema.ts';
import type { DeliveryBase } from './delivery-url.ts';

const hash: Schema<string> = v.pipe(
  v.string(
    expected(
      'an account hash',
      "It is the first part of a delivery URL's path, such as 'cheeW4oKsx5ljh8e8BoL2A'.",
    ),
  ),
  v.check(
    (text) => decodeSegment(text) === text,
    expected('an account hash', 'It is one path segment, written without escapes: no slash, no white space.'),
  ),
);

export const accountHash: Schema<readonly string[]> = listOf(
  hash,
  expected('at least one account hash', 'Leave accountHash out to sign for any account.'),
);

const baseHint =
  "Such as 'https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery' or '/images'.";

const baseAlone: Schema<Base> = baseText(
  'a URL, a path that begins with /, or { base, accountHash }',
  baseHint,
);

const baseWithAccount: Schema<DeliveryBase> = v.pipe(
  v.strictObject({ base: baseAlone, accountHash: hash }, (issue) =>
    issue.expected === 'never'
      ? 'is not part of a delivery. It has base and accountHash.'
      : `expected base and accountHash, got one of them alone. ${baseHint}`,
  ),
  v.transform(({ base, accountHash: account }) => ({ ...base, accountHash: account })),
);

const baseOfAnyAccount: Schema<DeliveryBase> = v.pipe(
  baseAlone,
  v.transform((base) => ({ ...base, accountHash: undefined })),
);

export const delivery: Schema<readonly DeliveryBase[]> = v.pipe(
  listOf(
    v.lazy((input) => (isRecord(input) ? baseWithAccount : baseOfAnyAccount)),
    expected('at least one base', 'Leave delivery out for https://imagedelivery.net.'),
  ),
  v.check(
    (bases) => new Set(bases.map(({ authority, path }) => `${authority}${path}`)).size === bases.length,
    () =>
      'expected each base once, got one of them twice. A URL under it would be of two accounts, or counted double.',
  ),
);
