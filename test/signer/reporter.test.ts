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

test('an event names the request as the client sent it, whatever the app makes of it later', () => {
  const events: ImageSignerEvent[] = [];
  const request = { method: 'GET', target: '/shop/cart' };
  const origin = {
    get source() {
      return { ...request };
    },
  };
  const reporter = new Reporter((event) => events.push(event), origin);
  request.method = 'PATCH';
  request.target = '/cart';
  reporter.report({ type: 'passed', reason: 'header' });
  expect(events[0]?.page).toBe('GET /shop/cart');
});
