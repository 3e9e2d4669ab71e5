/** The process of one engine: it is told a workload and a way of cutting, and answers how long one round took. */
import { type Engine, engines } from './engines.ts';
import { readPages, type Workload } from './pages.ts';

export interface Round {
  readonly workload: Workload;
  /** Bytes a chunk; 0 for whole pages. */
  readonly chunk: number;
}

/** Nanoseconds a byte of input; undefined where the engine does not stream. */
export type RoundAnswer = number | undefined;

const { sets } = await readPages();
/** One for each workload, so that none finds the caches full of another's images. */
const byWorkload = new Map<Workload, Engine>();

async function engineOf(workload: Workload): Promise<Engine> {
  const engine = byWorkload.get(workload) ?? (await engines[process.argv[2]!]!());
  byWorkload.set(workload, engine);
  return engine;
}

async function run({ workload, chunk }: Round): Promise<RoundAnswer> {
  const engine = await engineOf(workload);
  if (chunk > 0 && engine.chunks === undefined) return undefined;
  const pages = sets[workload];
  const cut = pages.map((page) => (chunk === 0 ? [] : inChunks(page, chunk)));
  let bytes = 0;
  let out = 0;
  const start = process.hrtime.bigint();
  for (const [index, page] of pages.entries()) {
    bytes += page.length;
    out += chunk === 0 ? await engine.whole(page) : await engine.chunks!(cut[index]!);
  }
  const elapsed = Number(process.hrtime.bigint() - start);
  if (out < bytes / 2) throw new Error(`${process.argv[2]} lost most of the page`);
  return elapsed / bytes;
}

function inChunks(page: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(page.length / size) }, (_, index) =>
    page.subarray(index * size, (index + 1) * size),
  );
}

process.on('message', (round: Round) => {
  run(round).then(
    (nanoseconds) => process.send!({ nanoseconds }),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
process.send!({ ready: true });
