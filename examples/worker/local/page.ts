/** The site's only page. Only the name in the menu depends on the visitor. All URLs are plain. */
import { type Client, clients, pictures } from './pictures.ts';

const names: Readonly<Record<Client, string>> = { ada: 'Ada', ben: 'Ben' };

/**
 * @param images - the beginning of all plain picture URLs
 * @param client - who is signed in. It does not affect the pictures
 */
export function pageOf(images: string, client: Client | undefined): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Proofs · image-signer Worker example</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/proofs.css">
<script type="module" src="/proofs.js"></script>
</head>
<body>
<header>
<a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28">Proofs</a>
<form method="post" action="/sign-in" aria-label="Who is looking">
<span>I am</span>
<button formaction="/sign-out" aria-pressed="${client === undefined}">a stranger</button>
${clients.map((each) => `<button name="client" value="${each}" aria-pressed="${each === client}">${names[each]}</button>`).join('\n')}
</form>
</header>
<main data-images="${images}">
<section class="lead">
<h1>One page. Every client sees their own pictures.</h1>
<p>This photographer’s site has one page with the proofs of two clients. The site has no key and sends <strong>plain image URLs</strong>, which the delivery refuses. The <strong>Worker</strong> in front of it signs the pictures that you may see, while the page streams. You see the others as <strong>blurred previews</strong>.</p>
<p role="note"><strong>Refused on purpose.</strong> The buttons under a picture request URLs that may be refused. Your browser’s console and network panel list each 403 as an error.</p>
</section>
${clients.map((each) => sectionOf(each, images)).join('\n')}
<section class="both" aria-label="Before and after the Worker">
<div><h2>The site sends</h2><pre><code>${tagOf(`${images}/${pictures.ada[0]?.id}/card`)}</code></pre></div>
<div><h2>You receive</h2><pre><code id="got">This needs JavaScript. Look at the page’s source instead.</code></pre></div>
</section>
</main>
<footer>A program made the drawings. This site delivers them itself, behind a guard, instead of Cloudflare.</footer>
</body>
</html>
`;
}

function sectionOf(client: Client, images: string): string {
  return `<section class="proofs" aria-labelledby="${client}">
<h2 id="${client}">For ${names[client]}</h2>
<div class="sheet">
${pictures[client]
  .map(
    ({ id, title, caption, alt, tone }) => `<figure data-id="${id}">
<img src="${images}/${id}/card" alt="${alt}" width="640" height="400" style="background-color: ${tone}">
<figcaption><b>${title}</b> <span>${caption}</span>
<output></output>
<span class="tries" hidden><button type="button" data-try="plain">Request without a token</button><button type="button" data-try="sign">Ask /sign</button></span></figcaption>
</figure>`,
  )
  .join('\n')}
</div>
</section>`;
}

/** As text: the Worker signs URLs that a browser loads, not text. */
function tagOf(url: string): string {
  return `&lt;img src="${url}"&gt;`;
}
