/** What has to hold between a coded body and the plain page that it decodes to: the first difference, in words. */
import { isDeepStrictEqual } from 'node:util';
import type { WireResponse } from '../../support/http/wire-reader.ts';
import { type Bout, longestWhole, type Outcome, type Result } from './arena.ts';
import { decode, nameOf } from './bytes.ts';

export function brokenProperty({ bouts, isAlive, isPlainAlive }: Result): string | undefined {
  for (const bout of bouts) {
    const broken = plainFault(bout.plain) ?? heardFault(bout) ?? answerFault(bout);
    if (broken !== undefined) return broken;
  }
  const { outcome } = bouts.at(-1)!;
  if (outcome.answer?.isComplete !== true) return undefined; // broken off: the connection is gone
  return isAlive === isPlainAlive ? undefined : `alive: ${isAlive}, with a plain page ${isPlainAlive}`;
}

/** Where the client goes while the last response is on its way. */
export function abortFault({ bouts }: Result): string | undefined {
  for (const bout of bouts.slice(0, -1)) {
    const broken = heardFault(bout) ?? answerFault(bout);
    if (broken !== undefined) return broken;
  }
  const { heard } = bouts.at(-1)!.outcome;
  if (heard.log.length === 0) return undefined; // the client was gone before its request
  return heard.thrown === undefined ? heardOfBroken(bouts.at(-1)!.outcome) : `a call threw ${heard.thrown}`;
}

/** The measure itself is to be in order. */
function plainFault({ answer, heard }: Outcome): string | undefined {
  if (heard.thrown !== undefined) return `the plain page throws ${heard.thrown}`;
  return answer?.isComplete === true ? undefined : 'the plain page has no clean end';
}

function heardFault(bout: Bout): string | undefined {
  const { coded, isWhole, outcome, plain } = bout;
  const { heard, answer } = outcome;
  if (heard.thrown !== undefined) return `a call threw ${heard.thrown}`;
  if (answer?.isComplete !== true || isTorn(bout, answer)) return heardOfBroken(outcome);
  const hasEnd = coded.hasEndCallback && plain.heard.log.includes('end');
  // Which of the two comes first hangs on the version of Node.js: the plain page tells.
  const last = plain.heard.log.filter((each) => each === 'finish' || (each === 'end' && hasEnd));
  const expected = [...heard.given.map((at) => `write ${at}`), ...last, 'close'];
  if (isDeepStrictEqual(heard.log, expected)) return undefined;
  return `heard ${heard.log.join(', ')} instead of ${expected.join(', ')}${isWhole ? ' (whole)' : ''}`;
}

/** The callbacks are called, once each; the order is that in which Node gives up. */
function heardOfBroken({ heard }: Outcome): string | undefined {
  const counts = (name: string): number => heard.log.filter((each) => each === name).length;
  for (const at of heard.given)
    if (counts(`write ${at}`) !== 1) return `callback of write ${at} called ${counts(`write ${at}`)} times`;
  if (counts('end') > 1) return 'callback of end called twice';
  if (counts('close') !== 1) return `closed ${counts('close')} times`;
  const odd = heard.log.find((each) => /^(?:error|hangs)/.test(each));
  return odd === undefined ? undefined : `broken off, heard ${odd}`;
}

function answerFault(bout: Bout): string | undefined {
  const { outcome, plain, content, bytes, coded } = bout;
  const { answer } = outcome;
  const measure = plain.answer!;
  if (answer === undefined) return content === undefined ? 'corrupt: no head' : 'no answer';
  if (answer.status !== 200) return `status ${answer.status}`;
  const isHead = coded.method === 'HEAD';
  if (content === undefined && !isHead) return corruptFault(bout, answer);
  if (!answer.isComplete) return 'no clean end';
  if (!isDeepStrictEqual(outcome.events, plain.events))
    return `reported ${JSON.stringify(outcome.events)}, for a plain page ${JSON.stringify(plain.events)}`;
  if (answer.framing !== measure.framing)
    return `framed by ${answer.framing}, a plain page by ${measure.framing}`;
  const [fields, expected] = [fieldsOf(answer), fieldsOf(measure)];
  if (!isDeepStrictEqual(fields, expected)) return `headers ${fields}, of a plain page ${expected}`;
  if (answer.header('content-encoding') !== nameOf(coded)) return 'Content-Encoding has changed';
  if (answer.trailers !== measure.trailers) return `trailers ${answer.trailers}`;
  if (isHead) return undefined;
  const text = decode(answer.body, nameOf(coded));
  if (text === undefined) return 'what arrives cannot be decoded';
  if (!text.equals(measure.body))
    return `decoded ${text.length} bytes that are not the ${measure.body.length} expected`;
  const isSame = measure.body.equals(content!);
  return bout.isWhole &&
    isSame &&
    Math.max(content!.length, bytes.length) <= longestWhole &&
    !answer.body.equals(bytes)
    ? 'a whole body with nothing to sign has changed'
    : undefined;
}

function corruptFault(bout: Bout, answer: WireResponse): string | undefined {
  const { outcome, bytes, coded } = bout;
  const told = outcome.events.filter(({ type, ...event }) => type === 'passed' && isCorrupt(event));
  if (told.length !== 1) return `corrupt, and reported ${JSON.stringify(outcome.events)}`;
  if (answer.header('content-encoding') !== nameOf(coded)) return 'corrupt: Content-Encoding has changed';
  if (!answer.isComplete || answer.body.equals(bytes) || isTorn(bout, answer)) return undefined;
  return `corrupt, and a clean end after ${answer.body.length} bytes that are not the ${bytes.length} sent`;
}

function isCorrupt(event: object): boolean {
  return 'reason' in event && event.reason === 'corrupt-body';
}

/** Where the end of the connection ends the body, a cut shows in the coding alone. */
function isTorn({ content, outcome }: Bout, { framing, body, header }: WireResponse): boolean {
  if (framing !== 'close' || content !== undefined || outcome.heard.log.includes('finish')) return false;
  return body.length === 0 || decode(body, header('content-encoding') ?? '') === undefined;
}

/** In order of name, without what is the body's own. */
function fieldsOf({ headers }: WireResponse): string[] {
  return headers
    .filter(([name]) => !['date', 'content-encoding', 'content-length'].includes(name))
    .map((field) => field.join(': '))
    .sort();
}
