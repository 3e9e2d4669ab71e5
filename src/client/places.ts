/** The places of a page in which URLs of images stand. */

/** @returns the URL to write there, or the same */
export type Visit = (url: string, element: Element, name: string) => string;

/** Of an element and its attribute. Links to icons and preloads are none. */
const place = / (?:data-.*|style|srcset|poster)$|^(?:im|in).* src$|^(?:a|im.*) (?:xlink:)?href$/;

const inStyle = /(url\(["']?)([^"')]+)/g;
/** A run may begin with the descriptor of the candidate before, and end with a comma. A run of commas is tried once. */
const inSrcset = /((?:^|\s)(?:[\d.]+[wxh],+(?!,))?)(\S*[^\s,])/g;
const whole = /()(.+)/s;

/** In milliseconds: a page of ten thousand images is not looked at in one task. The browser does as much again for what was written. */
const longestTask = 2;

/** Visits each URL below `root` in the order in which it has to be written: `source` before `img`, `srcset` before `src`. */
export async function visitUrls(root: ParentNode, visit: Visit): Promise<void> {
  let start = performance.now();
  // A field named `attributes` stands before that property of its form.
  for (const element of root.querySelectorAll<HTMLElement>(':not(form)')) {
    if (performance.now() - start > longestTask) {
      await new Promise((resolve) => setTimeout(resolve));
      start = performance.now();
    }
    for (const attribute of [...element.attributes].sort((a, b) => (a.name < b.name ? 1 : -1))) {
      const { name, value: text } = attribute;
      if (place.test(`${element.localName} ${name}`)) {
        const pattern = name === 'style' ? inStyle : name.endsWith('srcset') ? inSrcset : whole;
        const renewed = text.replace(pattern, (_, before, url) => before + visit(url, element, name));
        if (renewed !== text)
          if (name === 'style')
            // A policy of the page may forbid to set the attribute `style`.
            element.style.cssText = renewed;
          // A parser makes names that `setAttribute` refuses.
          else attribute.value = renewed;
      }
    }
  }
}
