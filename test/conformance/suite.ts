/**
 * One table of behaviours, run over every driver: all of it with images of Cloudflare, and what a scheme has a say in with
 * presigned URLs of S3 and with a scheme of the tests' own (`stores/`). What a framework cannot have is marked there, with
 * the reason; it is run all the same, and has to fail, so that no mark outlives its reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Barriers } from './barriers.ts';
import type { Behaviour, Visit } from './behaviours/behaviour.ts';
import { groups } from './behaviours/index.ts';
import type { Driver, Marks, Served } from './drivers/driver.ts';
import { stores } from './stores/index.ts';
import type { Store } from './stores/store.ts';
import { subjectOf } from './subject.ts';
import { Visitor } from './visitor.ts';

/** `DRIVERS`, by their names: with the images of Cloudflare, for a run that has little time. */
const chosen = process.env['DRIVERS']?.split(',');

/** One server of each adapter: what a version of Node.js or of a framework changes, it changes for every store. */
const withAllStores = ['node:http', 'Koa 3', 'Fastify 5', 'Hono', 'the Worker'];

export function runConformance(drivers: readonly Driver[]): void {
  let barriers: Barriers;
  beforeAll(async () => {
    barriers = await Barriers.start();
  });
  afterAll(() => barriers.close());

  describe.each(drivers.filter(({ name }) => chosen?.includes(name) ?? true))('$name', (driver) => {
    let served: Served;
    beforeAll(async () => {
      served = await driver.start();
    });
    afterAll(() => served.close());

    const tried = chosen === undefined && withAllStores.includes(driver.name) ? stores : stores.slice(0, 1);
    describe.each(tried.map(subjectOf))('$name', (subject) => {
      const visit: Visit = (site) => Visitor.at(served.port, site, subject.name);

      describe.each(groupsOf(subject))('%s', (group, behaviours) => {
        const marks = driver.cannot[group] ?? {};
        for (const [name, behaviour] of behaviours) {
          const run = (): Promise<void> => behaviour(visit, subject, () => barriers.create());
          const reason = marks[name] ?? marks['*'];
          if (reason === undefined) test(name, run);
          else test(`not here: ${name} (${reason})`, () => expect(run()).rejects.toThrow());
        }
      });
    });

    test('marks what is there, and gives a reason', () => expectMarks(driver.cannot));
  });
}

type Group = [name: string, behaviours: [name: string, behaviour: Behaviour][]];

/** Of each group what the store does not leave out. */
function groupsOf({ leftOut }: Store): Group[] {
  const all = Object.entries(groups).map(([group, behaviours]): Group => {
    const marks = leftOut[group] ?? {};
    const isLeftOut = (name: string): boolean => Object.hasOwn(marks, '*') || Object.hasOwn(marks, name);
    return [group, Object.entries(behaviours).filter(([name]) => !isLeftOut(name))];
  });
  return all.filter(([, behaviours]) => behaviours.length > 0);
}

export function expectMarks(all: Marks): void {
  for (const [group, marks] of Object.entries(all)) {
    expect(Object.keys(groups)).toContain(group);
    for (const [name, reason] of Object.entries(marks)) {
      expect(['*', ...Object.keys(groups[group]!)]).toContain(name);
      expect(reason).toMatch(/\w/);
    }
  }
}
