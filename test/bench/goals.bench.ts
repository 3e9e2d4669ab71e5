/**
 * `npm run bench:goals`: the figures that a change for speed is judged by, beside their goals, in some ten minutes; needs
 * `CORPUS`. `BEFORE=<dist of another checkout>` measures that build, too. It writes nothing: `npm run figures` does.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './give-figure.ts';
import { table } from './rounds.ts';

interface Goal {
  readonly name: string;
  /** Ids of figures, each with its goal. */
  readonly goals: Readonly<Record<string, number>>;
}

const expressGoals = ([4, 5] as const).flatMap((version): Goal[] => {
  const [name, id] = [`Express ${version}`, `http.express-${version}`];
  return [
    {
      name: `${name}: a text again; an EJS page again`,
      goals: { [`${id}.text`]: 0.65, [`${id}.page`]: 0.8 },
    },
    {
      name: `${name}: a token and a name differ`,
      goals: { [`${id}.visit`]: 0.65 },
    },
    {
      name: `${name}: redirect; JSON; 204; file, beside an empty app.use`,
      goals: {
        [`${id}.redirect.beside-empty`]: 0.6,
        [`${id}.json.beside-empty`]: 0.95,
        [`${id}.no-content.beside-empty`]: 0.95,
        [`${id}.image.beside-empty`]: 0.95,
      },
    },
  ];
});

const goals: readonly Goal[] = [
  ...expressGoals,
  {
    name: 'times html-rewriter-wasm: 16 KiB; no image; whole; dense 2,000',
    goals: {
      'html.real-16k.times.html-rewriter-wasm': 4.2,
      'html.none-16k.times.html-rewriter-wasm': 6,
      'html.real-whole.times.html-rewriter-wasm': 6.5,
      'html.dense-2000-16k.times.html-rewriter-wasm': 10,
    },
  },
  { name: 'a new URL of a page, µs', goals: { 'sign.in-a-page': 6 } },
  { name: 'an open stream above the bare server, KiB', goals: { 'streams.each': 8 } },
];

/** Each with the rows that the goals name, and no others. */
const benches: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sign: {},
  streams: {},
  html: { ONLY: 'real 16K,none 16K,real whole,dense 2000 16K', ENGINES: 'image-signer,html-rewriter-wasm' },
  http: {
    ROUNDS: '7',
    ONLY: ['page', 'visit', 'text', 'json', 'redirect', 'no-content', 'image']
      .map((kind) => `express ${kind}`)
      .join(),
  },
};

if (process.env['CORPUS'] === undefined) {
  console.error('CORPUS is not set: the goals are those of real pages');
  process.exit(1);
}

/** @returns the figures of one build by their ids */
function measure(dist: string): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-goals-'));
  const lines = join(folder, 'figures.jsonl');
  try {
    for (const [name, env] of Object.entries(benches)) {
      console.log(`\n== ${name}, ${dist}\n`);
      const { status } = spawnSync('npx', ['tsx', join(import.meta.dirname, `${name}.bench.ts`)], {
        env: { ...env, ...process.env, DIST: dist, FIGURES: lines },
        stdio: 'inherit',
      });
      if (status !== 0) process.exitCode = 1; // the others are measured still
    }
    const figures = existsSync(lines) ? readFileSync(lines, 'utf8').trim().split('\n') : [];
    return new Map(
      figures.map((line) => {
        const { id, value } = JSON.parse(line) as Figure;
        return [id, value];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const before = process.env['BEFORE'];
const builds = [...(before === undefined ? [] : [before]), 'dist'];
const start = performance.now();
const measured = builds.map(measure);
const minutes = ((performance.now() - start) / 60_000).toFixed(1);
console.log(`\n${minutes} minutes; the shares are of the processor time\n`);
console.log(
  table([
    ['', ...(before === undefined ? [] : ['before']), 'now', 'goal'],
    ...goals.map(({ name, goals: each }) => [
      name,
      ...measured.map((figures) =>
        Object.keys(each)
          .map((id) => figures.get(id) ?? '–')
          .join('; '),
      ),
      Object.values(each).join('; '),
    ]),
  ]),
);
