/** The initial content of the two text fields. */
import type { SchemeName } from './schemes.ts';

export interface Sample {
  readonly html: string;
  readonly url: string;
}

const account = 'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A';
const harbour = '3f5b6c1e-7d20-4c8b-9a41-d5e0b7c2f816';
const paper = '90a2d7f4-1b6e-4f53-8c0d-2e7b4a91c5d8';

const cloudflareImages: Sample = {
  html: `<!doctype html>
<title>Harbour at dawn</title>
<meta property="og:image" content="${account}/${harbour}/card">
<h1>Harbour at dawn</h1>

<img alt="Boats at a pier" src="${account}/${harbour}/card"
  srcset="${account}/${harbour}/thumb 320w, ${account}/${harbour}/card 640w">

<!-- Always public: it needs no token. -->
<img alt="The same, blurred" src="${account}/${harbour}/preview">

<!-- Not in the list of variants. -->
<img alt="The original" src="${account}/${harbour}/original">

<p style="background: url(${account}/${paper}/hero)">Photographs by
  <a href="https://people.example/ana">Ana</a>.</p>

<script type="application/ld+json">
  { "@type": "Photograph", "image": "${account.replaceAll('/', '\\/')}\\/${harbour}\\/hero" }
</script>

<!-- Text and form values are not signed: the form would save the token. -->
<textarea name="image">${account}/${harbour}/card</textarea>
`,
  // Signed with a key that ends in a line break, as `echo` writes it into a file.
  url: `${account}/${harbour}/card?exp=1893456000&sig=97bb97d24c5b47ca6b09794448fccdf79474c140c1783ac5e83d90190c44c0a4`,
};

function pageOf(base: string): Sample {
  return {
    html: `<!doctype html>
<title>Harbour at dawn</title>
<h1>Harbour at dawn</h1>

<img alt="Boats at a pier" src="${base}uploads/harbour.jpg">

<!-- Outside the prefixes. -->
<img alt="A logo" src="${base}logo.png">

<p style="background: url(${base}uploads/paper.jpg)">Photographs by
  <a href="https://people.example/ana">Ana</a>.</p>

<!-- Text and form values are not signed: the form would save the token. -->
<textarea name="image">${base}uploads/harbour.jpg</textarea>
`,
    url: `${base}uploads/harbour.jpg`,
  };
}

export const samplePages: Readonly<Record<SchemeName, Sample>> = {
  cloudflareImages,
  s3: pageOf('https://photos.s3.eu-central-1.amazonaws.com/'),
  bunny: pageOf('https://shop.b-cdn.net/'),
  cloudflareWaf: pageOf('https://photos.example/private/'),
  googleCdn: pageOf('https://cdn.example/'),
  imgix: pageOf('https://shop.imgix.net/'),
  imgproxy: pageOf('https://imgproxy.example/insecure/rs:fit:640:0/plain/https://photos.example/'),
};
