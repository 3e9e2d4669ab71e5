import assert from 'node:assert/strict';
import { expectAllShown, expectDark, firstPaint, hydration, type Walk } from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'views, streams and files, without an option',
    steps: [
      firstPaint('/', 1),
      {
        title: 'the limit: what an interceptor wraps is JSON, and plain: its two images are dark',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await expectDark(visit, 2);
          assert.equal((await visit.images()).shown.length, 3);
        },
      },
      {
        title: 'the view has a tag, and a reload is answered 304',
        async walk(visit) {
          assert.notEqual(await visit.header('etag'), null);
          assert.equal(await visit.reload(), 304);
        },
      },
      {
        title:
          'a StreamableFile that is a page is signed, and whole: the length that Nest sets does not cut it off',
        async walk(visit) {
          await visit.open('/streamed');
          await expectAllShown(visit, 1);
          assert.equal(await visit.page.locator('p').textContent(), 'The end');
        },
      },
      {
        title: 'a StreamableFile that is no page goes out byte for byte, with its length and its name',
        async walk(visit) {
          const answer = await visit.fetch('/file');
          const text = await answer.text();
          assert.match(text, /^<img src="http:[^?]+\/file\/card">$/);
          assert.equal(answer.headers.get('content-length'), String(text.length));
          assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="export.bin"');
        },
      },
      {
        title: 'the limit: events of a server stay plain. req.signImage signs them',
        async walk(visit) {
          const text = await (await visit.fetch('/events')).text();
          const { signed, plain } = JSON.parse(/^data: (.*)$/m.exec(text)![1]!) as Record<string, string>;
          assert.match(signed!, /\/event\/card\?exp=\d+&sig=[0-9a-f]{64}$/);
          assert.match(plain!, /\/event\/card$/);
        },
      },
      {
        title: 'an exception is answered as without the package',
        async walk(visit) {
          const answer = await visit.fetch('/missing');
          const text = await answer.text();
          assert.equal(answer.status, 404);
          assert.equal(answer.headers.get('content-length'), String(text.length));
          assert.equal((JSON.parse(text) as { readonly statusCode: number }).statusCode, 404);
        },
      },
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/', 5),
      {
        title: 'JSON of an interceptor has the right length, and a tag that gives 304',
        async walk(visit) {
          const answer = await visit.fetch('/photos');
          const text = await answer.text();
          assert.equal(answer.headers.get('content-length'), String(Buffer.byteLength(text)));
          const again = await visit.fetch('/photos', {
            'If-None-Match': answer.headers.get('etag') ?? '',
            'Cache-Control': 'max-age=0', // else `fetch` adds `no-cache`, and Express then answers 200
          });
          assert.equal(again.status, 304);
        },
      },
    ],
  },
];
