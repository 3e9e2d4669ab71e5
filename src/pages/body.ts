/** Chooses the rewriter of a response's body, or the watch of a body that passes. Whether it is rewritten is decided before. */
import { UrlCounts } from '../caches/page-cache.ts';
import { allowsByHash, type BodyKind, isReadablePart, isUnreadText } from '../http/eligibility.ts';
import type { HeaderFields } from '../http/header-fields.ts';
import type { BodyWatch } from '../http/rewrite-policy.ts';
import { declaredLabel, prescanLength } from '../rewriting/charset.ts';
import type { DataKind } from '../rewriting/nesting.ts';
import { dataBody, htmlBody } from '../signer/bodies.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import type { Reporter } from '../signer/reporter.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import { boundaryOf, settledCharset } from '../text/mime-type.ts';
import type { Instance } from './instance.ts';

/** The parts of a response that this file needs. */
interface Target {
  readonly inProgress: ResponseInProgress;
  readonly reporter: Reporter;
  readonly shortestOwnTtl: number;
  readonly isPersonal: boolean;
}

/**
 * Chooses by the kind of the body, and by the header fields that say how a browser will read it.
 * @param onLostCharset - called with the label of an encoding that the page then declares too far down
 */
export function rewrittenBody(
  kind: BodyKind,
  fields: HeaderFields,
  { inProgress, reporter }: Target,
  instance: Instance,
  onLostCharset: (label: string) => void,
): BodyTransform {
  const { extraTargets } = instance.configuration;
  const { onScriptState, onMarkupInJson, unusedBases } = instance;
  const ofJson = onMarkupInJson && ((member: string | undefined) => onMarkupInJson(reporter, member));
  if (kind !== 'html') return dataBody(inProgress, extraTargets, dataKind(kind, fields, instance), ofJson);
  const security = fields.get('content-security-policy') ?? '';
  const rewritesCss = !allowsByHash(security, 'style-src');
  const hasHashedScripts = allowsByHash(security, 'script-src');
  if (!rewritesCss) reporter.report({ type: 'passed', reason: 'style-hash' });
  const charset = settledCharset(fields.get('content-type') ?? '');
  const reading = { charset, rewritesCss, hasHashedScripts };
  const body = instance.pagesAt(inProgress.now).body(inProgress, reading, () =>
    htmlBody(inProgress, {
      extraTargets,
      rewritesCss,
      hasHashedScripts,
      charset,
      onScriptState: onScriptState && (() => onScriptState(reporter)),
      onMarkupInJson: ofJson,
    }),
  );
  const heard = unusedBases?.watch(body) ?? body;
  return charset === undefined ? watchingCharset(heard, onLostCharset) : heard;
}

function dataKind(
  kind: Exclude<BodyKind, 'html'>,
  fields: HeaderFields,
  { configuration: { json, events } }: Instance,
): DataKind {
  if (kind === 'events') return { events: { json, html: events === 'html' } };
  if (kind !== 'multipart') return kind;
  // `kindOf` has found a boundary.
  return { boundary: boundaryOf(fields.get('content-type')!)!, readsType: isReadablePart };
}

/**
 * Notices that signed URLs have pushed a page's declaration of its encoding out of the first bytes. After a body element, browsers
 * look for a `<meta charset>` only in the first 1,024 bytes (WHATWG HTML, 13.2.3.2); further down they guess.
 * @param onLost - called with the label of the encoding, before the output without the declaration is returned
 */
function watchingCharset(body: BodyTransform, onLost: (label: string) => void): BodyTransform {
  const source = new FirstBytes();
  const output = new FirstBytes();
  let isDone = false;
  const see = <Out extends Uint8Array | string>(
    given: Uint8Array | string,
    out: Out,
    isLast: boolean,
  ): Out => {
    if (isDone) return out;
    source.add(given);
    output.add(out);
    if (!isLast && !output.isFull) return out; // held bytes may declare it
    isDone = true;
    if (source.bytes.equals(output.bytes)) return out;
    const label = declaredLabel(source.bytes);
    if (label !== undefined && declaredLabel(output.bytes) === undefined) onLost(label);
    return out;
  };
  return {
    write: (chunk) => see(chunk, body.write(chunk), false),
    end: (last = nothing) => see(last, body.end(last), true),
  };
}

const nothing: Uint8Array = new Uint8Array();

class FirstBytes {
  bytes: Buffer = Buffer.alloc(0);

  get isFull(): boolean {
    return this.bytes.length >= prescanLength;
  }

  add(chunk: Uint8Array | string): void {
    if (this.isFull) return;
    const more = typeof chunk === 'string' ? Buffer.from(chunk.slice(0, prescanLength)) : chunk;
    this.bytes = Buffer.concat([this.bytes, more.subarray(0, prescanLength - this.bytes.length)]);
  }
}

/**
 * Reports how many URLs of a body were signed, kept, skipped and denied, after its last byte; never for a body that is cut off.
 * @returns the body itself if nobody listens
 */
export function summarized(body: BodyTransform, { reporter, signer }: ResponseInProgress): BodyTransform {
  if (!reporter.wantsSummaries) return body;
  const counts = new UrlCounts();
  let bytes = 0;
  /** Counts only the body: the response's own counts include the URLs of `Link` and view data. */
  const rewrite = <Out extends Uint8Array | string>(run: () => Out): Out => {
    const before = signer.counts.copy();
    const out = run();
    counts.add(signer.counts.since(before));
    bytes += Buffer.byteLength(out);
    return out;
  };
  const last = <Out extends Uint8Array | string>(run: () => Out): Out => {
    const out = rewrite(run);
    const { signed, kept, skipped, denied } = counts;
    reporter.summary({ type: 'rewritten', signed, kept, skipped, denied, bytes });
    return out;
  };
  return {
    write: (chunk) => rewrite(() => body.write(chunk)),
    end: (chunk) => last(() => body.end(chunk)),
  };
}

/**
 * Watches a text that is not rewritten, such as a feed or an SVG file, and reports the first image URL in it, once.
 * @returns undefined for a type that is rewritten or isn't text, and if nobody listens
 */
export function watchUnreadType(
  type: string,
  target: Target,
  { unreadTypes, core, configuration }: Instance,
): BodyWatch | undefined {
  if (unreadTypes === undefined || unreadTypes.isReported(type)) return undefined;
  if (!isUnreadText(type, configuration)) return undefined;
  return core.watchText(() => {
    const { isPersonal, shortestOwnTtl, reporter } = target;
    // The app calls the helpers for this response, so it knows of its images; `authorize` may have refused one.
    if (!isPersonal && shortestOwnTtl === Infinity) unreadTypes.report(type, reporter);
  });
}
