// Shows the photos in the page's JSON.
const data = document.getElementById('tour-data').textContent;
for (const { src, alt } of JSON.parse(data)) {
  const image = new Image(800, 500);
  Object.assign(image, { src, alt });
  document.getElementById('tour').append(image);
}
