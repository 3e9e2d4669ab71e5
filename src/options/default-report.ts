/**
 * What becomes of events where the app gives no `report`: in development each kind is shown once for each page, as a process
 * warning; in production they are dropped, and cost nothing.
 */
import type { ImageSignerEvent } from './events.ts';
import type { CommonOptions } from './signer-options.ts';
import { lastWarning, type Stores, warningOf } from './warnings.ts';

/** A developer reads no more at once; and a stranger who chooses the URLs of a page cannot fill a log. */
const maxWarnings = 20;

/** A mistake on every page of a site must not hide the others. */
const maxPages = 5;

/** What has been shown: kinds with their pages. From the registry: a process may have loaded the package twice. */
const shownSymbol: unique symbol = Symbol.for('image-signer.warned') as never;

type WithShown = typeof globalThis & { [shownSymbol]?: Set<string> };

export type Report = Exclude<NonNullable<CommonOptions['report']>, false>;

/** Marks the reports that are made here. */
const defaultSymbol: unique symbol = Symbol.for('image-signer.default-report') as never;

/** What remains of the globals of Node.js in other runtimes, and the global by which Workers are known. */
interface Runtime {
  readonly process?: {
    emitWarning?(message: string, options: { readonly type: string; readonly code: string }): void;
  };
  readonly navigator?: { readonly userAgent?: string };
  readonly console: { warn(message: string): void };
}

/**
 * @param report - the option; read once by each factory, since the environment is slow to read
 * @param stores - for the words of warnings
 */
export function resolveReport(report: CommonOptions['report'], stores: Stores): Report | undefined {
  if (report !== undefined) return report === false ? undefined : report;
  let warnings: Report | undefined;
  try {
    // Bundlers replace the condition if it is written like this. An empty block cannot throw: all warnings are dropped.
    if (process.env.NODE_ENV !== 'production') warnings = reportOfWarnings(stores);
  } catch {
    warnings = reportOfWarnings(stores); // a runtime without `process`
  }
  return warnings;
}

function reportOfWarnings(stores: Stores): Report {
  return Object.assign((event: ImageSignerEvent) => warnOnce(event, stores), { [defaultSymbol]: true });
}

/** Warnings say nothing of what went well. */
export function isDefaultReport(report: Report): boolean {
  return Object.hasOwn(report, defaultSymbol);
}

/** Slow to read. Bundlers replace `process.env.NODE_ENV` by its value if it is written like this. */
export function isProduction(): boolean {
  try {
    return process.env.NODE_ENV === 'production';
  } catch {
    return false;
  }
}

/** For an event of no request. What `report` throws is ignored; in an async function that is a rejection. */
export function reportEvent(report: Report | undefined, event: ImageSignerEvent): void {
  const call = async (): Promise<void> => report?.(event);
  call().catch(() => {});
}

/** Shows an event as a process warning, also in production, if the process has not shown it for this page. */
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

/** Workers have `process.emitWarning`, but print nothing. */
function emit(code: string, message: string): void {
  const { process: node, console } = globalThis as unknown as Runtime;
  if (node?.emitWarning === undefined || isWorker()) console.warn(`ImageSignerWarning [${code}]: ${message}`);
  else node.emitWarning(message, { type: 'ImageSignerWarning', code });
}

/** @see https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent */
export function isWorker(): boolean {
  return (globalThis as unknown as Runtime).navigator?.userAgent === 'Cloudflare-Workers';
}
