// Says under every picture what its URL allows, and requests it in two other ways. The site works without this script.
const { images } = document.querySelector('main').dataset;

for (const figure of document.querySelectorAll('figure')) {
  const image = figure.querySelector('img');
  const output = figure.querySelector('output');
  const plain = `${images}/${figure.dataset.id}/card`; // as the site stores it
  const expires = new URL(image.src).searchParams.get('exp');
  tell(
    output,
    expires === null
      ? 'Not yours: the public preview'
      : `Signed for you until ${new Date(expires * 1000).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}`,
    expires === null ? 'preview' : 'signed',
  );
  figure.querySelector('.tries').hidden = false;
  figure.querySelector('[data-try=plain]').addEventListener('click', () => ask(plain, output));
  figure.querySelector('[data-try=sign]').addEventListener('click', () => ask(`/sign${plain}`, output));
}

const first = document.querySelector('figure img');
document.querySelector('#got').textContent =
  `<img src="${first.getAttribute('src').replaceAll('&', '&amp;')}">`;

async function ask(url, output) {
  const response = await fetch(url, { cache: 'no-store' });
  const text = await response.text();
  tell(output, `${response.status}: ${text.trim()}`, response.ok ? 'signed' : 'refused');
}

function tell(output, text, state) {
  output.textContent = text;
  output.dataset.state = state;
}
