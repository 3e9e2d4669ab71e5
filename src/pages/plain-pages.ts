/**
 * Short whole pages that name no image: redirects, error pages, fragments. Their bodies stay as they are, so they need neither a
 * policy nor a rewriter nor a signer, which together take many times what such a page takes. What becomes of their headers is
 * what the policy says of every page (`policy.ts`), which also gets each page that may not be plain.
 */
import { bindTag, type TagSuffixes } from '../http/conditional-requests.ts';
import { allowsByHash, hasNoContent, hasNoTransform } from '../http/eligibility.ts';
import { limitFreshness, pageLifetime } from '../http/freshness.ts';
import { type HeaderFields, removeRepresentationMetadata } from '../http/header-fields.ts';
import { ByteOrderMarkDetector } from '../rewriting/charset-watch.ts';
import { shortestTtlAt } from '../signer/page-tokens.ts';
import type { Reporter } from '../signer/reporter.ts';
import { asBuffer } from '../text/bytes.ts';
import { usualType } from '../text/mime-type.ts';
import { imageInLocation, signsLocation } from './headers.ts';
import type { Instance } from './instance.ts';

/** In bytes, or in characters of a text. To search a longer page takes as long as to compare it with one that is kept. */
const maxLength = 4_096;

const noUrls = { signed: 0, kept: 0, skipped: 0, denied: 0 } as const;

/**
 * Makes the headers of a plain page final. Its request has no conditions, and the app has had nothing signed for it.
 * @param readFields - reads them anew: the app may set some in its clock, and where it is told of the page
 * @returns these headers; undefined if it may not be plain: then nothing has changed
 */
export function settlePlainPage(
  instance: Instance,
  status: number,
  readFields: () => HeaderFields,
  body: Uint8Array | string,
  target: { readonly reporter: Reporter },
): HeaderFields | undefined {
  const { core, access } = instance;
  if (!hasPlainBody(instance, status, body)) return undefined;
  const isPersonal = access.authorize !== undefined;
  let now: ReturnType<typeof core.instantOf>;
  let fields: HeaderFields;
  let suffixes: TagSuffixes | undefined;
  try {
    now = core.instantOf(access);
    fields = readFields();
    if (!hasPlainFields(instance, status, fields)) return undefined;
    suffixes = isPersonal ? undefined : instance.tagSuffixesAt(now);
  } catch {
    return undefined; // the policy fails as well, and reports it
  }
  if (access.report !== undefined && target.reporter.wantsSummaries) {
    target.reporter.summary({ type: 'rewritten', ...noUrls, bytes: Buffer.byteLength(body) });
    fields = readFields();
  }
  removeRepresentationMetadata(fields);
  const tag = fields.get('etag');
  if (tag !== undefined && suffixes !== undefined) fields.set('ETag', bindTag(tag, suffixes));
  else if (tag !== undefined) fields.remove('ETag');
  const lifetime = pageLifetime(shortestTtlAt(now, core.configuration));
  limitFreshness(fields, { lifetime, otherwise: 'no-cache', scope: isPersonal ? 'private' : undefined, now });
  return fields;
}

function hasPlainBody(instance: Instance, status: number, body: Uint8Array | string): boolean {
  const { configuration, unusedBases } = instance;
  if (body.length > maxLength || !configuration.html || configuration.skip !== undefined) return false;
  return (
    unusedBases === undefined && !hasNoContent(status) && status !== 206 && !mayNameImage(body, instance)
  );
}

function hasPlainFields(instance: Instance, status: number, fields: HeaderFields): boolean {
  if (fields.get('content-type') !== usualType || fields.get('content-encoding') !== undefined) return false;
  if (signsLocation(instance, status) && imageInLocation(fields, instance) !== undefined) return false;
  if (fields.get('link') !== undefined || fields.get('content-range') !== undefined) return false;
  if (fields.get('trailer') !== undefined) return false;
  if (hasNoTransform(fields.get('cache-control') ?? '')) return false;
  return !allowsByHash(fields.get('content-security-policy') ?? '', 'style-src');
}

function mayNameImage(body: Uint8Array | string, { core, access }: Instance): boolean {
  const prefilter = access.report === undefined ? core.configuration.prefilter : core.reportingPrefilter;
  if (typeof body === 'string') return prefilter.isIn(body);
  const bytes = asBuffer(body);
  return prefilter.next(bytes, 0, bytes.length) < bytes.length || new ByteOrderMarkDetector().read(bytes);
}
