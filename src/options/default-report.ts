/**
 * What happens to events if the app has no `report`: in development, every kind is shown once per page, as a process warning.
 * In production they are dropped, and cost nothing.
 */
import type { ImageSignerEvent } from './events.ts';
import type { CommonOptions } from './signer-options.ts';
import { lastWarning, type Stores, warningOf } from './warnings.ts';

/** Enough for a developer; a stranger who chooses the URLs of a page must not fill a log. */
const maxWarnings = 20;

/** A mistake on every page must not hide the others. */
const maxPages = 5;

/** Kinds and pages that were shown. In the global registry, since a process may load the package twice. */
const shownSymbol: unique symbol = Symbol.for('image-signer.warned') as never;

type WithShown = typeof globalThis & { [shownSymbol]?: Set<string> };

export type Report = Exclude<NonNullable<CommonOptions['report']>, false>;

/** Marks the reports that are made here. */
const defaultSymbol: unique symbol = Symbol.for('image-signer.default-report') as never;

/** Node.js globals, as far as other runtimes have them, and the global that identifies Workers. */
interface Runtime {
  readonly process?: {
    emitWarning?(message: string, options: { readonly type: string; readonly code: string }): void;
  };
  readonly navigator?: { readonly userAgent?: string };
  readonly console: { warn(message: string): void };
}

/**
 * @param report - the option. Called once per factory, since reading the environment is slow.
 * @param stores - for the wording of warnings
 */
export function resolveReport(report: CommonOptions['report'], stores: Stores): Report | undefined {
  if (report !== undefined) return report === false ? undefined : report;
  let warnings: Report | undefined;
  try {
    // Bundlers replace this exact expression, and drop all warnings from a production bundle.
    if (process.env.NODE_ENV !== 'production') warnings = reportOfWarnings(stores);
  } catch {
    warnings = reportOfWarnings(stores); // a runtime without `process`
  }
  return warnings;
}

function reportOfWarnings(stores: Stores): Report {
  return Object.assign((event: ImageSignerEvent) => warnOnce(event, stores), { [defaultSymbol]: true });
}

/** Whether the events become warnings, which do not report success. */
export function isDefaultReport(report: Report): boolean {
  return Object.hasOwn(report, defaultSymbol);
}

/** Slow: reads the environment. Bundlers replace exactly this expression. */
export function isProduction(): boolean {
  try {
    return process.env.NODE_ENV === 'production';
  } catch {
    return false;
  }
}

/** For an event outside of a request. The async function turns what `report` throws into a rejection, which is ignored. */
export function reportEvent(report: Report | undefined, event: ImageSignerEvent): void {
  const call = async (): Promise<void> => report?.(event);
  call().catch(() => {});
}

/** Shows an event as a process warning, even in production, unless the process has shown it for this page. */
export function warnOnce(event: ImageSignerEvent, stores: Stores): void {
  const registry = globalThis as WithShown;
  registry[shownSymbol] ??= new Set();
  const shown = registry[shownSymbol];
  const kind = `${event.type} ${'reason' in event ? event.reason : ''} `;
  const place = `${kind}${event.page ?? ''}`;
  if (shown.size >= maxWarnings || shown.has(place)) return;
  if ([...shown].filter((each) => each.startsWith(kind)).length >= maxPages) return;
  const warning = warningOf(event, stores);
  if (warning === undefined) return;
  shown.add(place);
  emit(warning.code, warning.message);
  if (shown.size < maxWarnings) return;
  const { code, message } = lastWarning(maxWarnings);
  emit(code, message);
}

/** Workers have `process.emitWarning`, but it prints nothing. */
function emit(code: string, message: string): void {
  const { process: node, console } = globalThis as unknown as Runtime;
  if (node?.emitWarning === undefined || isWorker()) console.warn(`ImageSignerWarning [${code}]: ${message}`);
  else node.emitWarning(message, { type: 'ImageSignerWarning', code });
}

/** @see https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent */
export function isWorker(): boolean {
  return (globalThis as unknown as Runtime).navigator?.userAgent === 'Cloudflare-Workers';
}
