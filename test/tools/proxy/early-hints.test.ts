/** The links of early hints, one by one. */
import { expect, test } from 'vitest';
import { splitLinks } from '../../../src/tools/proxy/relay.ts';

test.each([
  ['</a.css>; rel=preload, </b.css>; rel=preload', ['</a.css>; rel=preload', '</b.css>; rel=preload']],
  ['</a,b.css>; rel=preload', ['</a,b.css>; rel=preload']],
  ['</a>; title="x, \\" y", </b>', ['</a>; title="x, \\" y"', '</b>']],
  [' , </a> ,, ', ['</a>']],
  ['', []],
  // What has no end is read once, up to the end of the field: it would take a square of its length to try each place again.
  ['</a>, </b, <c, <d', ['</a>', '</b, <c, <d']],
  ['</a>; title="x, "y", "z', ['</a>; title="x, "y", "z']],
  ['</a>; title="x, \\', ['</a>; title="x, \\']],
])('%j', (value, links) => {
  expect(splitLinks(value)).toEqual(links);
});
