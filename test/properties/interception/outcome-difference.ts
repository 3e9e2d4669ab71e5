/** Says in what a patched response differs from a plain one. Every deviation that is allowed stands here, with its reason: there are as many as Node.js has ways of its own. */
import { isUtf8 } from 'node:buffer';
import { signerWith, withoutTokens } from '../../support/samples.ts';
import type { Outcome, Pair } from './differential.ts';
import type { Entry, Given } from './play-script.ts';
import { type Call, literal, type Script } from './play-script.ts';
import { readWire, type Wire } from './wire-bytes.ts';

const signer = signerWith();

/** Headers that are changed on purpose; each has tests of its own. */
const changedHeaders: ReadonlySet<string> = new Set([
  'etag',
  'last-modified',
  'accept-ranges',
  'content-digest',
  'content-md5',
  'cache-control',
  'expires',
  // The length is that of the rewritten body, or is left to the framing.
  'content-length',
  'transfer-encoding',
]);

/** What a response may tell of its headers once they have left. */
const headerReads: ReadonlySet<string> = new Set([
  'getHeader',
  'hasHeader',
  'getHeaders',
  'getHeaderNames',
  'getRawHeaderNames',
]);

const bodyCalls: ReadonlySet<string> = new Set(['write', 'end']);

export function differenceOf(script: Script, pair: Pair): string | undefined {
  const { plain, patched } = pair;
  if (mayBePage(script) && (isOtherwiseFramed(script, pair) || hasLateChunks(script, plain)))
    return undefined;
  if (mayBePage(script) && (isCutBeforeHead(script, pair) || hasPairsOnNothing(script))) return undefined;
  if (mayBePage(script) && hasRefusedChunks(script, plain)) return undefined;
  return (
    differenceOfWires(script, plain, patched, kindOf(script, plain)) ??
    differenceOfEntries(script, plain.entries, patched.entries, keepsOrder(script, plain)) ??
    differenceOfArguments(plain.given, patched.given) ??
    unequal('request headers', plain.requestHeaders, patched.requestHeaders)
  );
}

/**
 * Where the app's length is wrong, or stands beside trailers, Node throws; a page's length is ours, and it throws less.
 * An old client, which knows no chunks, then loses its connection. An encoding that there is not leaves half a chunk in
 * Node's own stream: what follows is no HTTP. Of an `end` that was refused Node keeps the length for whatever comes after.
 */
function isOtherwiseFramed({ version }: Script, { plain, patched }: Pair): boolean {
  const count = (entries: readonly Entry[], code: string): number =>
    entries.filter(({ outcome }) => outcome.startsWith(`throws ${code}`)).length;
  const trailerFaults = count(plain.entries, 'ERR_HTTP_TRAILER_INVALID');
  return (
    count(plain.entries, 'ERR_HTTP_CONTENT_LENGTH_MISMATCH') > 0 ||
    trailerFaults > count(patched.entries, 'ERR_HTTP_TRAILER_INVALID') ||
    (version === '1.0' && trailerFaults > 0) ||
    count(plain.entries, 'ERR_UNKNOWN_ENCODING') > 0 ||
    plain.entries.some(isRefusedEnd)
  );
}

/** Of a response that is still corked as it ends Node.js 22 and 24 send chunks after the last one. */
function hasLateChunks({ method }: Script, plain: Outcome): boolean {
  const { trailers = '' } = readWire(plain.raw, method) ?? {};
  return /^(?:[^\r\n]+: [^\r\n]*\r\n)*\r\n[0-9a-f]+\r\n/.test(trailers);
}

/**
 * From version 26 on Node.js keeps a head back for a tick. Where the response is destroyed before, it is dropped, or goes
 * out, after what is behind it: a chunk, or the empty one of ours whose bytes are held back.
 */
function isCutBeforeHead({ method, calls }: Script, { plain, patched }: Pair): boolean {
  const wires = [plain, patched].map(({ raw }) => readWire(raw, method));
  const heads = wires.filter((wire) => wire !== undefined);
  return calls.some(([name]) => name === 'destroy') && heads.length === 1 && heads[0]?.body === '';
}

/** Node takes pairs only where no header was ever set. Where all have been removed again, nothing public tells that one was. */
function hasPairsOnNothing({ calls }: Script): boolean {
  const hasPairs = calls.some(([name, ...args]) => {
    const list = args.find((each) => Array.isArray(each)) as unknown[] | undefined;
    return name === 'writeHead' && Array.isArray(list?.[0]);
  });
  return hasPairs && calls.some(([name]) => name === 'removeHeader');
}

/** Of a head that Node refuses it keeps that the body is in chunks, beside the length that it then gives: no HTTP. */
function hasRefusedChunks({ calls }: Script, { entries }: Outcome): boolean {
  const isRefused = entries.some(({ name, outcome }) => name === 'writeHead' && outcome.startsWith('throws'));
  const isOfChunks = (call: Call): boolean =>
    call[0] === 'writeHead' && /transfer-encoding/i.test(literal(call));
  return isRefused && calls.some(isOfChunks);
}

type Kind = 'rewritten' | 'same' | 'either';

/** What the contract has the middleware do with the response that Node made of the script. */
export function kindOf({ mode, method, calls, headers }: Script, plain: Outcome): Kind {
  const wire = readWire(plain.raw, method);
  if (mode === 'off' || mode === 'skip' || wire === undefined) return 'same';
  const essence = essenceOf(wire.header('content-type') ?? '');
  // Two types are none: who reads them may choose.
  const types = wire.lines.filter(([name]) => name === 'content-type');
  if (types.length > 1 || wire.header('content-type')?.includes(',')) return 'either';
  // A 304 has lost its type, most often: it is a page's if one was set before, or if a tag of ours came.
  if (wire.status === 304) return calls.some(isOfPage) || 'if-none-match' in headers ? 'either' : 'same';
  if (essence !== 'text/html' && !(mode === 'json' && essence.endsWith('json'))) return 'same';
  if (
    wire.status < 200 ||
    [204, 205, 206].includes(wire.status) ||
    wire.header('content-range') !== undefined
  )
    return 'same';
  const isReadable = !/utf-16/i.test(wire.header('content-type')!);
  const mayTransform = !/no-transform/.test(wire.header('cache-control') ?? '');
  const isPlain = !/compress|,/.test(wire.header('content-encoding') ?? '');
  return isReadable && mayTransform && isPlain ? 'rewritten' : 'same';
}

function essenceOf(type: string): string {
  return type.split(';', 1)[0]!.trim().toLowerCase();
}

/** Whether the script comes near a response that is rewritten, also if it never gets there. */
function mayBePage({ mode, calls }: Script): boolean {
  return mode !== 'off' && calls.some((call) => isOfPage(call) || isOf304(call));
}

function isOf304(call: Call): boolean {
  return !bodyCalls.has(call[0]) && call.includes(304);
}

function isOfPage(call: Call): boolean {
  return !bodyCalls.has(call[0]) && /text\/html|json/i.test(literal(call));
}

function differenceOfWires(script: Script, plain: Outcome, patched: Outcome, kind: Kind): string | undefined {
  // Links of early hints are signed, whatever becomes of the response after them.
  const isHinted = script.mode !== 'off' && script.calls.some(([name]) => name === 'writeEarlyHints');
  const raw = isHinted ? withoutTokens(patched.raw) : patched.raw;
  const hasOrder = keepsOrder(script, plain);
  if (kind !== 'rewritten') {
    const wires = mayBePage(script) ? [plain.raw, raw].map(inLowerCase) : [plain.raw, raw];
    const [before, after] = hasOrder ? wires : wires.map(withSortedHead);
    const difference = unequal('wire', before, after) ?? unequal('alive', plain.isAlive, patched.isAlive);
    if (kind === 'same' || difference === undefined) return difference;
  }
  const [one, other] = [readWire(plain.raw, script.method)!, readWire(patched.raw, script.method)];
  if (other === undefined) return unequal('wire', plain.raw, patched.raw);
  return (
    unequal('hints', one.hints.join(''), withoutTokens(other.hints.join(''))) ??
    unequal('head', headOf(one, hasOrder), headOf(other, hasOrder)) ??
    differenceOfFraming(script, one, other, plain, patched) ??
    differenceOfBodies(script, one, other, plain) ??
    // Where the length gave way to chunks there is room for trailers, which Node drops without.
    (isChunkedAlike(one, other)
      ? unequal('trailers', withoutDigests(one.trailers), other.trailers)
      : undefined)
  );
}

function withSortedHead(raw: string): string {
  return raw.replace(/(?<=HTTP\/1\.1 \d{3} [^\r]*\r\n)(?:[^\r\n]+\r\n)+(?=\r\n)/g, (lines) =>
    lines.split('\r\n').toSorted().join('\r\n'),
  );
}

/** Of a name that is twice in a list, in two spellings, the first one goes out. */
function inLowerCase(raw: string): string {
  return raw.replace(/(?<=\r\n)[\w-]+(?=: )/g, (name) => name.toLowerCase());
}

/** Lines of one name together: of a list given to `writeHead` alone Node leaves them where they stood. */
function headOf(wire: Wire, hasOrder: boolean): string {
  const groups = new Map<string, string[]>();
  for (const [name, value] of wire.lines) {
    if (changedHeaders.has(name) || isOfConnection(name)) continue;
    const text =
      name === 'link' ? withoutTokens(value) : name === 'trailer' ? trailerWithoutDigests(value) : value;
    const before = groups.get(name) ?? [];
    // Of announced trailers one line is as good as two, and where none is left none.
    const names = (): string[] => [[...before, text].filter((each) => each !== '').join(', ')];
    groups.set(name, name === 'trailer' ? names() : [...before, text]);
  }
  if (groups.get('trailer')?.[0] === '') groups.delete('trailer');
  const entries = [...groups].map(([name, values]) => values.map((value) => `${name}: ${value}`).join('\n'));
  return inOneEncoding([wire.statusLine, ...(hasOrder ? entries : entries.toSorted())].join('\n'));
}

/** Node writes a head in UTF-8 where a string comes first, and in latin1 where bytes do: ours are bytes. */
function inOneEncoding(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : text;
}

/** What was changed of a head that Node then refused is set anew, behind the others. */
function keepsOrder(script: Script, plain: Outcome): boolean {
  return !mayBePage(script) || !plain.entries.some(({ outcome }) => outcome.startsWith('throws'));
}

function isOfConnection(name: string): boolean {
  return name === 'connection' || name === 'keep-alive';
}

function trailerWithoutDigests(names: string): string {
  return names
    .split(', ')
    .filter((each) => !isDigest(each))
    .join(', ');
}

/** Where no trailer is left to announce, Node may give a length. */
function announcesDigestsAlone(wire: Wire): boolean {
  const names = wire.header('trailer');
  return names !== undefined && trailerWithoutDigests(names) === '';
}

function isChunkedAlike(one: Wire, other: Wire): boolean {
  return one.isChunked && (other.isChunked || !announcesDigestsAlone(one));
}

function isDigest(name: string): boolean {
  return /^(?:content-digest|content-md5)$/i.test(name);
}

function withoutDigests(trailers: string): string {
  return trailers.replaceAll(/^Content-Digest: .*\r\n/gm, '');
}

function differenceOfFraming(script: Script, one: Wire, other: Wire, plain: Outcome, patched: Outcome) {
  const stays = ['etag', 'last-modified', 'accept-ranges', 'content-digest', 'content-md5'].filter(
    (name) =>
      other.header(name) !== undefined &&
      !(name === 'etag' && /^W\/".*-is\.\w{24}"$/.test(other.header(name)!)),
  );
  if (stays.length > 0) return `of the old body: ${stays}`;
  const length = other.header('content-length');
  if (length !== undefined && !other.isChunked && other.isComplete && wasEnded(plain)) {
    const isBodiless = other.body === '' && one.body === '';
    // Node keeps the length of an `end` that it has refused.
    const isKept = length === one.header('content-length') && plain.entries.some(isRefusedEnd);
    if (!isBodiless && !isKept && Number(length) !== other.body.length)
      return `length ${length} of ${other.body.length}`;
  }
  if (one.header('content-length') === undefined) {
    const isSame = one.isChunked === other.isChunked || announcesDigestsAlone(one);
    if (!isSame) return unequal('chunked', one.isChunked, other.isChunked);
  } else if (length === undefined && (!other.isChunked || script.version === '1.0')) {
    // No length to give, and no chunks to an old client, or where the app took them away: the end of the connection
    // is the end of the body.
    return undefined;
  }
  const connectionOf = (wire: Wire): string => wire.lines.filter(([name]) => isOfConnection(name)).join('\n');
  return (
    unequal('connection', connectionOf(one), connectionOf(other)) ??
    unequal('alive', plain.isAlive, patched.isAlive)
  );
}

function isRefusedEnd({ name, outcome }: Entry): boolean {
  return name === 'end' && outcome.startsWith('throws');
}

function wasEnded({ entries }: Outcome): boolean {
  return entries.some(({ name }) => name === 'prefinish') && !entries.some(({ name }) => name === 'destroy');
}

function differenceOfBodies(script: Script, one: Wire, other: Wire, plain: Outcome): string | undefined {
  const isHtml = essenceOf(one.header('content-type') ?? '') === 'text/html';
  if (wasEnded(plain) && one.isComplete) {
    const isEmpty = one.body === '' && other.body === '';
    const signed =
      isHtml && !isEmpty ? signer.rewriteHtml(Buffer.from(one.body, 'latin1')).toString() : undefined;
    const got = Buffer.from(other.body, 'latin1').toString();
    return (
      unequal('complete', one.isComplete, other.isComplete) ??
      (signed === undefined
        ? unequal('body', one.body, withoutTokens(other.body))
        : unequal('body', signed, got))
    );
  }
  // Cut off: what was held back within an unfinished tag is lost with the rest.
  const got = withoutTokens(other.body);
  const isPrefix = one.body.startsWith(got);
  const lost = one.body.slice(got.length);
  if (isPrefix && (lost === '' || /^[<"]/.test(lost) || !isHtml)) return undefined;
  return `${script.mode}: ${unequal('part of the body', one.body, got)}`;
}

function differenceOfEntries(
  script: Script,
  plain: readonly Entry[],
  patched: readonly Entry[],
  hasOrder: boolean,
): string | undefined {
  const compared = ({ kind, name, isAfterHead }: Entry): boolean => {
    // Bytes that are held back, and those of tokens.
    if (name === 'writableLength') return script.mode === 'off';
    if (!mayBePage(script)) return true;
    // The headers as they have left are ours.
    if (kind === 'call' && isAfterHead && headerReads.has(name)) return false;
    return true;
  };
  const text = (entries: readonly Entry[]): string =>
    (mayBePage(script) ? inOrder(script, entries) : entries)
      .filter(compared)
      .map(({ kind, name, outcome }) => ({
        kind,
        name,
        outcome: hasOrder || !headerReads.has(name) ? outcome : inNoOrder(outcome),
      }))
      .map(({ kind, name, outcome }) => `${kind === 'event' ? '* ' : ''}${name} ${outcome}`)
      .join('\n');
  // Node calls back for an `end` without bytes before it does so for an empty chunk. With what was held back it has bytes.
  if (mayBePage(script) && text(withCallbacksSorted(plain)) === text(patched)) return undefined;
  return unequal('entries', text(plain), text(patched));
}

/** From version 22 on Node appends to the lists that `writeHead` was given; here they may stay as they were. */
function differenceOfArguments(plain: readonly Given[], patched: readonly Given[]): string | undefined {
  const after = patched.map((each, at) => (each.after === each.before ? plain[at]!.after : each.after));
  return unequal('arguments', plain.map((each) => each.after).join(), after.join());
}

function inOrder({ calls }: Script, entries: readonly Entry[]): readonly Entry[] {
  const late = withFinishLate(entries);
  if (!calls.some(([name]) => name === 'cork')) return late;
  return withDrainLate(withFullCorks(withCallbacksSorted(late)));
}

/**
 * A full response that is corked may answer true all the same: from version 22 on Node then counts what is corked, and
 * that is not the empty chunk, which is ours where bytes are held back.
 */
function withFullCorks(entries: readonly Entry[]): readonly Entry[] {
  let isFull = false;
  return entries.map((each) => {
    if (each.name === 'drain') isFull = false;
    if (each.name !== 'write') return each;
    isFull ||= each.outcome === 'false';
    return isFull ? { ...each, outcome: 'false' } : each;
  });
}

/** From Node.js 24 on an empty chunk is not corked with the others: it is the one of ours whose bytes are held back. */
function withCallbacksSorted(entries: readonly Entry[]): readonly Entry[] {
  const callbacks = entries.filter(({ name }) => name.startsWith('callback'));
  const sorted = callbacks.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return entries.map((each) => (each.name.startsWith('callback') ? sorted.shift()! : each));
}

/** In version 24 what is corked drains while it is uncorked, or ended: where it was held back, soon after, or never. */
function withDrainLate(entries: readonly Entry[]): readonly Entry[] {
  return entries.flatMap((each, at) => {
    const [before, next] = [entries[at - 1]?.name, entries[at + 1]?.name ?? ''];
    if (each.name === 'drain') return ['uncork', 'prefinish', 'end'].includes(next) ? [] : [each];
    return each.name === 'uncork' && before === 'drain' ? [each, entries[at - 1]!] : [each];
  });
}

/** Bytes that were held back go out with the end: the callback of an empty chunk need not wait for them. */
function withFinishLate(entries: readonly Entry[]): readonly Entry[] {
  const ordered = [...entries];
  for (let at = 0; at + 1 < ordered.length; at++) {
    const [one, next] = [ordered[at]!, ordered[at + 1]!];
    if (one.name === 'finish' && next.name.startsWith('callback')) ordered.splice(at, 2, next, one);
  }
  return ordered;
}

function inNoOrder(headers: string): string {
  return headers
    .replaceAll(/^[[{] ?| ?[\]}]$/g, '')
    .split(', ')
    .toSorted()
    .join(', ');
}

function unequal(what: string, plain: unknown, patched: unknown): string | undefined {
  return plain === patched ? undefined : `${what}\n  plain:   ${show(plain)}\n  patched: ${show(patched)}`;
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.replaceAll(/(.)\1{1000,}/gs, '$1…'))
    : String(value);
}
