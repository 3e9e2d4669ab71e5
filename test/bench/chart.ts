/** A bar chart as SVG, for docs/performance.md: readable on white and on black, without a script or a font of its own. */

export interface Bars {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly string[];
  /** By row, a value for each of the series; undefined leaves it out. */
  readonly rows: readonly (readonly [name: string, values: readonly (number | undefined)[]])[];
}

const colours = ['#d9480f', '#1971c2', '#868e96'];
const barHeight = 11;
const left = 220;
const width = 760;

export function barChart({ title, unit, series, rows }: Bars): string {
  const largest = Math.max(...rows.flatMap(([, values]) => values.map((value) => value ?? 0)));
  const scale = (width - left - 60) / largest;
  const out: string[] = [];
  let y = 58;
  for (const [name, values] of rows) {
    const middle = y + (values.length * (barHeight + 2)) / 2 + 3;
    out.push(`<text x="${left - 10}" y="${middle.toFixed(0)}" text-anchor="end">${escapeText(name)}</text>`);
    for (const [index, value] of values.entries()) {
      if (value !== undefined) {
        const length = Math.max(1, value * scale).toFixed(1);
        out.push(
          `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" rx="2" fill="${colours[index]}"/>`,
          `<text x="${(left + Number(length) + 5).toFixed(1)}" y="${y + 9}" class="value">${value.toFixed(0)}</text>`,
        );
      }
      y += barHeight + 2;
    }
    y += 12;
  }
  const legend = series.map((name, index) => {
    const x = left + index * 170;
    return `<rect x="${x}" y="34" width="10" height="10" rx="2" fill="${colours[index]}"/><text x="${x + 15}" y="43" class="value">${escapeText(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="${escapeText(title)}">
<style>text{font:12px system-ui,sans-serif;fill:#495057}.value{font-size:10px}.title{font-size:14px;font-weight:600}@media(prefers-color-scheme:dark){text{fill:#ced4da}}</style>
<text x="10" y="20" class="title">${escapeText(title)}, ${escapeText(unit)}</text>
${legend.join('\n')}
${out.join('\n')}
</svg>
`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
