/** The time for a URL grows no faster than its length: anybody can write a long URL into a page. */
import type { SignTerms } from '../../schemes/definition.ts';
import type { Found, Subject } from './subject.ts';
import { insertSegments, withQuery } from './variations.ts';

/** In steps that show an exponential growth while it is still a matter of seconds. */
const lengths = [16, 18, 20, 22, 24, 26, 28, 30, 32, 64, 256];
const [short, long] = [1_024, 16_384];
/** In milliseconds. What takes less is not compared: a pause of the machine would decide. */
const floor = 20;
const maxShortTime = 250;
/** For a URL that is 16 times as long. Of a quadratic function it is 256. */
const maxFactor = 16 * 8;
const rounds = 3;
/** Before a short time counts as too long: on a busy machine three rounds may be interrupted, one after the other. */
const roundsOfDoubt = 20;

const fillers = ['a', '/', 'a/', '%20', '%', '.', '-', '=', '&', 'a=b&', '?', '+'];

export function checkTime(subject: Subject, url: string, { place }: Found, terms: SignTerms): void {
  for (const filler of fillers) {
    const shapes = [
      (length: number) => insertSegments(url, fill(filler, length), place.query),
      (length: number) => withQuery(url, fill(filler, length)),
      (length: number) => withQuery(subject.sign(url, terms), fill(filler, length)),
    ];
    for (const shape of shapes) {
      checkGrowth(subject, 'match', shape, (text) => subject.find(text));
      checkGrowth(subject, 'strip', shape, (text) => subject.strip(text));
      if (subject.hasVerify) checkGrowth(subject, 'verify', shape, (text) => subject.verify(text, terms.exp));
      if (subject.find(shape(short)) !== undefined)
        checkGrowth(subject, 'sign', shape, (text) => subject.signAnew(text, terms));
    }
  }
}

function checkGrowth(
  subject: Subject,
  name: string,
  shape: (length: number) => string,
  call: (text: string) => unknown,
): void {
  const fail = (text: string, milliseconds: number): never =>
    subject.fail(
      'linear time',
      `the time of ${name} grows no faster than a URL`,
      text,
      `${Math.round(milliseconds)} ms for ${text.length} characters`,
    );
  for (const length of [...lengths, short]) {
    const text = shape(length);
    const time = shortestTime(text, call, maxShortTime);
    if (time > maxShortTime) fail(text, time);
  }
  const text = shape(long);
  let time = shortestTime(text, call, floor);
  if (time > floor && time < maxShortTime) time = shortestTime(text, call, floor, roundsOfDoubt);
  if (time > floor && time > maxFactor * shortestTime(shape(short), call, 0)) fail(text, time);
}

/** In milliseconds; the first that is not above `enough` counts. */
function shortestTime(text: string, call: (text: string) => unknown, enough: number, most = rounds): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < most && shortest > enough; round++) {
    const began = readClocks();
    call(text);
    shortest = Math.min(shortest, ...readClocks().map((now, clock) => now - began[clock]!));
  }
  return shortest;
}

/** In milliseconds. While others have the processor of a busy machine, the time of our own does not go on. */
function readClocks(): number[] {
  try {
    const { user, system } = process.cpuUsage();
    return [performance.now(), (user + system) / 1000];
  } catch {
    return [performance.now()]; // a runtime other than Node.js may not tell it
  }
}

function fill(filler: string, length: number): string {
  return filler.repeat(Math.ceil(length / filler.length));
}
