import assert from 'node:assert/strict';
import {
  dark,
  firstPaint,
  hydrate,
  hydration,
  open,
  reload,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'views, streams and files, without an option',
    steps: [
      firstPaint('/', 1),
      step(
        'the limit: what an interceptor wraps is JSON, and plain: its two images are dark',
        hydrate('/'),
        dark(2, 3),
      ),
      step('the view has a tag, and a reload is answered 304', reload(304)),
      step(
        'a StreamableFile that is a page is signed, and whole: the length that Nest sets does not cut it off',
        open('/streamed'),
        shown(1),
        async (visit) => assert.equal(await visit.page.locator('p').textContent(), 'The end'),
      ),
      step(
        'a StreamableFile that is no page goes out byte for byte, with its length and its name',
        async (visit) => {
          const answer = await visit.fetch('/file');
          const text = await answer.text();
          assert.match(text, /^<img src="http:[^?]+\/file\/card">$/);
          assert.equal(answer.headers.get('content-length'), String(text.length));
          assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="export.bin"');
        },
      ),
      step('the limit: events of a server stay plain. req.signImage signs them', async (visit) => {
        const text = await (await visit.fetch('/events')).text();
        const { signed, plain } = JSON.parse(/^data: (.*)$/m.exec(text)![1]!) as Record<string, string>;
        assert.match(signed!, /\/event\/card\?exp=\d+&sig=[0-9a-f]{64}$/);
        assert.match(plain!, /\/event\/card$/);
      }),
      step('an exception is answered as without the package', async (visit) => {
        const answer = await visit.fetch('/missing');
        const text = await answer.text();
        assert.equal(answer.status, 404);
        assert.equal(answer.headers.get('content-length'), String(text.length));
        assert.equal((JSON.parse(text) as { readonly statusCode: number }).statusCode, 404);
      }),
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/', 5),
      step('JSON of an interceptor has the right length, and a tag that gives 304', async (visit) => {
        const answer = await visit.fetch('/photos');
        const text = await answer.text();
        assert.equal(answer.headers.get('content-length'), String(Buffer.byteLength(text)));
        const again = await visit.fetch('/photos', {
          'If-None-Match': answer.headers.get('etag') ?? '',
          'Cache-Control': 'max-age=0', // else `fetch` adds `no-cache`, and Express then answers 200
        });
        assert.equal(again.status, 304);
      }),
    ],
  },
];
