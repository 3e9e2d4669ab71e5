import { expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/options/events.ts';
import { Reporter } from '../../src/signer/reporter.ts';

function pageIn(target: string, report: (reporter: Reporter) => void): string | undefined {
  const events: ImageSignerEvent[] = [];
  report(new Reporter((event) => events.push(event), { source: { method: 'GET', target } }));
  return events[0]?.page;
}

test('an event names the page in full, so that it can be found; of a refused image what may be a key is left out', () => {
  const target = '/articles/photographing-the-alps-in-winter?page=2';
  expect(pageIn(target, (reporter) => reporter.report({ type: 'passed', reason: 'no-transform' }))).toBe(
    'GET /articles/photographing-the-alps-in-winter',
  );
  expect(pageIn(target, (reporter) => reporter.refused(target, 'missing-signature'))).toBe('GET /articles/…');
});

test.each([
  ['https://site.example/gallery?page=2', 'GET /gallery'],
  ['/proxy/https://other.example/a.html', 'GET /proxy/https://other.example/a.html'],
])('the page of %s is named by its path', (target, page) => {
  expect(pageIn(target, (reporter) => reporter.report({ type: 'passed', reason: 'no-transform' }))).toBe(
    page,
  );
});
