/** Plays coded cases twice, encoded and plain, and collects what came of each; it compares nothing. */
import type { ServerResponse } from 'node:http';
import {
  type ImageSignerEvent,
  type ImageSignerOptions,
  imageSigner,
  type Middleware,
} from '../../../src/index.ts';
import { note } from '../../support/events.ts';
import { WireReader, type WireResponse } from '../../support/http/wire-reader.ts';
import { id, signerWith } from '../../support/samples.ts';
import { frameworks, type Site, serve } from '../../support/servers/frameworks.ts';
import { decode, encodedOf, nameOf, pageOf, partsOf } from './bytes.ts';
import type { CodedCase, CodedGroup } from './coded-case.ts';
import { type Delivery, type Heard, nothingHeard, play } from './play.ts';

/** A body of more content than this, or of more bytes, is streamed, whole or not. */
export const longestWhole: number = 256 * 1024;
/** Ticks, not time: a process that waits for a busy machine has none, and is not taken for one that hangs. */
const patience = 1_500;
const tickMilliseconds = 10;

export interface Outcome {
  readonly answer: WireResponse | undefined;
  readonly heard: Heard;
  readonly events: readonly ImageSignerEvent[];
}

export interface Bout {
  readonly coded: CodedCase;
  /** What the app has sent, and what Node's own functions make of it: undefined if it is corrupt. */
  readonly bytes: Buffer;
  readonly content: Buffer | undefined;
  readonly isWhole: boolean;
  readonly outcome: Outcome;
  readonly plain: Outcome;
}

export interface Result {
  readonly bouts: readonly Bout[];
  /** Whether the connection served one more request. */
  readonly isAlive: boolean;
  readonly isPlainAlive: boolean;
}

interface Running {
  readonly coded: CodedCase;
  readonly delivery: Delivery;
  readonly heard: Heard;
  readonly middleware: Middleware;
  readonly events: ImageSignerEvent[];
  /** Whoever wants to know that the app has the request. */
  started: () => void;
  /** Undefined before that; resolves when all is over. */
  played: Promise<void> | undefined;
}

interface Prepared {
  readonly coded: CodedCase;
  readonly bytes: Buffer;
  readonly content: Buffer | undefined;
  readonly delivery: Delivery;
  readonly plain: Delivery;
}

export class CodedArena {
  readonly #sites: Map<string, Site> = new Map();
  readonly #running: Map<string, Running> = new Map();
  readonly #signer: ReturnType<typeof signerWith> = signerWith();
  /** Those of responses with a coded body that are over; whoever watches for leaks reads them. */
  readonly responses: WeakRef<ServerResponse>[] = [];
  #count = 0;

  async listen(): Promise<void> {
    for (const name of ['node:http', 'Express 5']) {
      const framework = frameworks.find((each) => each.name === name)!;
      const sign: Middleware = (request, response, next) => {
        const running = this.#running.get(request.url!);
        if (running === undefined) response.end('probe');
        else running.middleware(request, response, next);
      };
      const listener = framework.build([sign], (request, response) => {
        const running = this.#running.get(request.url!)!;
        const { coded, delivery, heard } = running;
        if (delivery.name !== undefined) this.responses.push(new WeakRef(response));
        running.played = play(coded, delivery, response, heard);
        running.started();
      });
      for (const isTight of [false, true]) {
        // On a busy machine five seconds may pass between two requests.
        const options = { ...(isTight && { highWaterMark: 1024 }), keepAliveTimeout: 60_000 };
        this.#sites.set(name + isTight, await serve(listener, options));
      }
    }
  }

  async close(): Promise<void> {
    for (const site of this.#sites.values()) await site.close();
  }

  async fight(group: CodedGroup): Promise<Result> {
    const prepared: Prepared[] = [];
    for (const coded of group.cases) prepared.push(await prepare(coded));
    const [coded, plain] = await Promise.all([
      this.#run(group, prepared, ({ delivery }) => delivery),
      this.#run({ ...group, reader: 'fast' }, prepared, (each) => each.plain),
    ]);
    const bouts = prepared.map(({ coded: each, bytes, content, delivery }, at) => ({
      coded: each,
      bytes,
      content,
      isWhole: isWhole(delivery),
      outcome: coded.outcomes[at]!,
      plain: plain.outcomes[at]!,
    }));
    return { bouts, isAlive: coded.isAlive, isPlainAlive: plain.isAlive };
  }

  async #run(group: CodedGroup, prepared: readonly Prepared[], deliveryOf: (prepared: Prepared) => Delivery) {
    const { port } = this.#sites.get(group.framework + group.isTight)!;
    const reader = new WireReader(port, group.reader);
    const runs = prepared.map((each) => this.#register(each.coded, deliveryOf(each)));
    const stalled = stall(() => runs.reduce((sum, { running }) => sum + running.heard.steps, reader.total));
    void stalled.sign.then(() => reader.close());
    const outcomes: Outcome[] = [];
    try {
      if (group.isPipelined) reader.write(runs.map(({ text }) => text).join(''));
      for (const [at, { text, running, target }] of runs.entries()) {
        if (at === runs.length - 1 && group.abort !== undefined) cut(reader, running, group.abort);
        if (!group.isPipelined) reader.write(text);
        const answer = await reader.read(running.coded.method);
        if (running.played !== undefined)
          await Promise.race([running.played, stalled.sign.then(() => hang(running.heard))]);
        this.#running.delete(target);
        outcomes.push({ answer, heard: running.heard, events: running.events });
      }
      return { outcomes, isAlive: await isServed(reader) };
    } finally {
      stalled.stop();
      reader.close();
    }
  }

  #register(coded: CodedCase, delivery: Delivery): { text: string; running: Running; target: string } {
    const target = `/${this.#count++}`;
    const { method, version, connection, isPersonal } = coded;
    const events: ImageSignerEvent[] = [];
    const middleware = imageSigner({
      signer: this.#signer,
      // A literal that is cut in two by the end of a chunk is not told: that depends on the chunks.
      report: (event) => {
        if (event.type !== 'passed' || event.reason !== 'script-state') note(events, event);
      },
      ...(isPersonal ? { authorize: (image) => image.id === id } : {}),
    } as ImageSignerOptions);
    const heard = nothingHeard();
    const running: Running = {
      coded,
      delivery,
      heard,
      middleware,
      events,
      started: () => {},
      played: undefined,
    };
    this.#running.set(target, running);
    const field = connection === '' ? '' : `connection: ${connection}\r\n`;
    return {
      text: `${method} ${target} HTTP/${version}\r\nhost: localhost\r\n${field}\r\n`,
      running,
      target,
    };
  }
}

async function prepare(coded: CodedCase): Promise<Prepared> {
  const page = pageOf(coded);
  const encoded = await encodedOf(page, coded);
  const parts = partsOf(encoded, coded.cuts);
  const name = nameOf(coded);
  const content = coded.fault === undefined ? page : decode(encoded.bytes, name);
  const delivery: Delivery = { parts, name, endsWithPart: coded.endsWithPart };
  const text = content ?? page;
  const isAtOnce = isWhole(delivery) && Math.max(text.length, encoded.bytes.length) <= longestWhole;
  const plain: Delivery = { parts: [text], name: undefined, endsWithPart: isAtOnce };
  return { coded, bytes: encoded.bytes, content, delivery, plain };
}

function isWhole({ parts, endsWithPart }: Delivery): boolean {
  return parts.length === 1 && endsWithPart;
}

function cut(reader: WireReader, running: Running, { after, isReset }: NonNullable<CodedGroup['abort']>) {
  if (after > 0) reader.cutAfter(after, isReset);
  else running.started = () => reader.close(isReset);
}

function hang({ log, waits }: Heard): void {
  log.push(`hangs: ${waits ?? 'after end'}`);
}

/** Gives a sign once nothing has moved for a while. */
function stall(position: () => number): { sign: Promise<void>; stop(): void } {
  let last = position();
  let idleTicks = 0;
  let timer: NodeJS.Timeout | undefined;
  const sign = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      const now = position();
      idleTicks = now === last ? idleTicks + 1 : 0;
      last = now;
      if (idleTicks === patience) resolve();
    }, tickMilliseconds);
  });
  return { sign, stop: () => clearInterval(timer) };
}

async function isServed(reader: WireReader): Promise<boolean> {
  if (reader.isClosed) return false;
  reader.write('GET /probe HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  const answer = await reader.read('GET');
  return answer?.body.toString() === 'probe';
}
