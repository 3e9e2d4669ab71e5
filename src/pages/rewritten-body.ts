/** Chooses what rewrites a body: by its kind, and by the header fields that say how a browser will read it. */
import { boundaryOf, settledCharset } from '../http/content-type.ts';
import { allowsByHash, type BodyKind, isReadablePart } from '../http/eligibility.ts';
import type { DataKind } from '../rewriting/rewriter.ts';
import { dataBody, htmlBody } from '../signer/bodies.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import type { Reporter } from '../signer/events.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import type { Instance } from './instance.ts';
import { watchingCharset } from './lost-charset.ts';

interface Target {
  readonly inProgress: ResponseInProgress;
  readonly reporter: Reporter;
}

/**
 * @param header - the values of a field, joined by commas
 * @param onLostCharset - called with the label of an encoding that the page then declares too far down
 */
export function rewrittenBody(
  kind: BodyKind,
  header: (name: string) => string,
  { inProgress, reporter }: Target,
  instance: Instance,
  onLostCharset: (label: string) => void,
): BodyTransform {
  const { extraTargets } = instance.configuration;
  if (kind !== 'html') return dataBody(inProgress, extraTargets, dataKind(kind, header, instance));
  const { onScriptState } = instance;
  const security = header('content-security-policy');
  const rewritesCss = !allowsByHash(security, 'style-src');
  const hasHashedScripts = allowsByHash(security, 'script-src');
  if (!rewritesCss) reporter.report({ type: 'passed', reason: 'style-hash' });
  const charset = settledCharset(header('content-type'));
  const reading = { charset, rewritesCss, hasHashedScripts };
  const body = instance.pagesAt(inProgress.now).body(inProgress, reading, (similarPages) =>
    htmlBody(inProgress, {
      extraTargets,
      rewritesCss,
      hasHashedScripts,
      charset,
      onScriptState: onScriptState && (() => onScriptState(reporter)),
      similarPages,
    }),
  );
  return charset === undefined ? watchingCharset(body, onLostCharset) : body;
}

function dataKind(
  kind: Exclude<BodyKind, 'html'>,
  header: (name: string) => string,
  { configuration: { json, events } }: Instance,
): DataKind {
  if (kind === 'events') return { events: { json, html: events === 'html' } };
  if (kind !== 'multipart') return kind;
  // `kindOf` has found a boundary.
  return { boundary: boundaryOf(header('content-type'))!, readsType: isReadablePart };
}
