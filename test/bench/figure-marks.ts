/**
 * Figures in Markdown pages, as GitHub and the site show them: `<!--figure html.real-->485<!--/-->`. What stands between
 * the two comments is that of `docs/figures.json`: `npm run bench -- figures` writes it, and a test compares it.
 */

/** What the file of figures holds. */
export interface FiguresFile {
  readonly machine: Machine;
  readonly runs: readonly Run[];
}

/** That of the last run; pages show its fields by ids such as `machine.node`. */
export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly cpus: string;
}

export interface Run {
  readonly name: string;
  /** What gives these figures, to be typed in the folder of the project. */
  readonly command: string;
  readonly date: string;
  readonly figures: Readonly<Record<string, { readonly value: string; readonly unit: string }>>;
}

const mark = /<!--figure ([\w.-]+)-->([^<\n]*)<!--\/-->/g;

/** @returns what each id stands for in pages */
export function valuesOf({ machine, runs }: FiguresFile): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(machine)) values.set(`machine.${name}`, value);
  for (const { figures } of runs)
    for (const [id, { value }] of Object.entries(figures)) values.set(id, value);
  return values;
}

/**
 * @returns the page with every marked figure replaced
 * @throws Error if it shows a figure that nobody measured, or a mark without its end
 */
export function fillInFigures(page: string, values: ReadonlyMap<string, string>): string {
  const filled = page.replaceAll(mark, (_, id: string) => {
    const value = values.get(id);
    if (value === undefined) throw new Error(`no run gave the figure ${id}`);
    return `<!--figure ${id}-->${value}<!--/-->`;
  });
  if (filled.replaceAll(mark, '').match(/<!--(?:figure|\/-->)/) !== null)
    throw new Error('a mark of a figure is not complete');
  return filled;
}

/** @returns the ids that the page shows */
export function figuresIn(page: string): string[] {
  return Array.from(page.matchAll(mark), ([, id]) => id!);
}
