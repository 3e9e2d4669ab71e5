/** A site on the REST API. */
export function serveSite(app) {
  app.get('/site', (_req, res) => {
    res.send(`<!doctype html>
<html lang="en">
  <title>A site on the REST API</title>
  <link rel="icon" href="data:,">
  <div id="body"></div>
  <script src="/site.js"></script>
</html>`);
  });
  app.get('/site.js', (_req, res) => {
    res.type('js').send(`(${show})();`);
  });
}

/* global document, Image -- runs in the browser */
async function show() {
  const [article] = (await (await fetch('/items/articles')).json()).data;
  document.getElementById('body').innerHTML = article.body;
  const urls = [article.cover, article.gallery[0].url, /!\[\]\(([^)]*)\)/.exec(article.notes)[1]];
  for (const url of urls) document.body.append(Object.assign(new Image(), { src: url }));
  document.documentElement.dataset.hydrated = '';
}
