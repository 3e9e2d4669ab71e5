show();

async function show() {
  const response = await fetch('/api/articles?populate[photo]=true&populate[sections][populate]=*');
  const [article] = (await response.json()).data;
  document.getElementById('embed').innerHTML = article.embed;
  const urls = [
    article.cover,
    article.photo.url,
    article.photo.formats.thumbnail.url,
    article.blocks[1].image.url,
    /!\[body\]\(([^)]*)\)/.exec(article.body)[1],
    /!\[section\]\(([^)]*)\)/.exec(article.sections[0].body)[1],
  ];
  for (const url of urls) {
    const image = new Image();
    image.src = url;
    document.body.append(image);
  }
  document.documentElement.dataset.hydrated = '';
}
