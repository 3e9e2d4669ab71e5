import assert from 'node:assert/strict';
import type { Visit } from '../support/visit.ts';
import { expectDark, hydration, type Walk } from '../support/walk.ts';

/** An editor's first visit: it makes the administrator, and reads the article as the form of the admin panel does. */
async function readAsEditor(visit: Visit): Promise<string> {
  const call = async (path: string, init: RequestInit): Promise<string> => {
    const request = JSON.stringify([path, init]);
    return (await visit.page.evaluate(`fetch(...${request}).then((response) => response.text())`)) as string;
  };
  const registered = await call('/admin/register-admin', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      firstname: 'An',
      lastname: 'Editor',
      email: 'editor@example.org',
      password: 'Only for this 1',
    }),
  });
  const { data } = JSON.parse(registered) as { readonly data: { readonly token: string } };
  const headers = { Authorization: `Bearer ${data.token}` };
  return call('/content-manager/collection-types/api::article.article', { headers });
}

export const walks: readonly Walk[] = [
  {
    title: 'the REST API, without an option',
    steps: [
      {
        title: 'the limit: its answers are JSON, and plain, so that every image of a site on it is dark',
        async walk(visit) {
          await visit.open('/site.html');
          await visit.hydrated();
          await expectDark(visit, 6);
        },
      },
    ],
  },
  {
    title: 'with rewrite.json, and fields for Markdown and HTML',
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/site.html', 6),
      {
        title:
          'the text fields, the media library, blocks, Markdown and HTML are signed, and the rest is as it was',
        async walk(visit) {
          const text = await (await visit.fetch('/api/articles?populate=photo')).text();
          assert.equal(text.match(/[?&;]sig=[0-9a-f]{64}/g)?.length, 6, text);
          const plain = text.replaceAll(/\?exp=\d+&(?:amp;)?sig=[0-9a-f]{64}/g, '');
          const [article] = (JSON.parse(plain) as { readonly data: readonly { readonly body: string }[] })
            .data;
          assert.match(article!.body, /^# Markdown\n\n!\[body\]\(http:[^()?]+\/body\/card\)$/);
        },
      },
      {
        title: 'skip keeps the API of the editor plain: what it shows is what it saves',
        async walk(visit) {
          const text = await readAsEditor(visit);
          assert.match(text, /\/cover\/card"/);
          assert.doesNotMatch(text, /[?&]sig=/);
        },
      },
    ],
  },
];
