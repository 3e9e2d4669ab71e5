start();

async function start() {
  const { data } = await (await fetch('/photos')).json();
  const later = JSON.parse(document.getElementById('later').textContent);
  for (const url of [inScript, later, ...data.photos]) {
    const image = new Image();
    image.src = url;
    document.body.append(image);
  }
  document.documentElement.dataset.hydrated = '';
}
