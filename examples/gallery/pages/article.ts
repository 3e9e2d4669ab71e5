/** `/article` and its edit form: stored HTML is sent signed, and submitted values are stored unsigned. */
import { type Request, type Response, Router } from 'express';
import { readArticle } from '../incoming.ts';
import type { GalleryParts } from '../parts.ts';
import { headOf } from '../store.ts';

export function articlePages({ store, signer }: Pick<GalleryParts, 'store' | 'signer'>): Router {
  const router = Router();

  router.get('/article', (req, res) => {
    const article = store.read();
    const head = headOf(article);
    const sent = signer.rewriteHtml(`${head}\n${article.body}`, { request: req });
    res.render('article', { title: article.title, article, head, places: placesIn(sent) });
  });

  const showForm = (req: Request<object, unknown, unknown>, res: Response, problem: string): void => {
    const article = store.read();
    const places = placesIn(signer.rewriteHtml(headOf(article), { request: req }));
    const isSaved = req.method === 'GET' && req.query['saved'] === '1';
    res.render('edit', { title: `Edit “${article.title}”`, article, places, isSaved, problem });
  };
  router.get('/article/edit', (req, res) => showForm(req, res, ''));

  router.post('/article/edit', (req: Request<object, unknown, unknown>, res) => {
    if (isReset(req.body)) store.reset();
    else {
      const changes = readArticle(req.body, signer.unsignImage);
      if (changes === undefined) {
        res.status(422);
        const problem = 'The hero picture needs a URL that begins with http://, https:// or a slash.';
        return showForm(req, res, `${problem} Nothing was saved.`);
      }
      store.write(changes);
    }
    res.redirect(303, '/article/edit?saved=1');
  });
  return router;
}

function isReset(form: unknown): boolean {
  return typeof form === 'object' && form !== null && 'action' in form && form.action === 'reset';
}

interface Run {
  readonly text: string;
  readonly isToken: boolean;
}

/** The lines of the page that have a token, split into stored and added text. */
function placesIn(html: string): Run[][] {
  return html.split('\n').flatMap((line) => {
    const texts = line.trim().split(/(\?exp=\d+&(?:amp;)?sig=[0-9a-f]{64})/);
    return texts.length > 1 ? [texts.map((text, index) => ({ text, isToken: index % 2 === 1 }))] : [];
  });
}
