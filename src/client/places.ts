/** The places of a page in which URLs of images stand. */
import { formOf } from './tokens.ts';

/**
 * @param kind - the names of the element and of its attribute
 * @returns the URL to write there, or the same
 */
export type Visit = (url: string, element: Element, kind: string) => string;

/** Visits each URL below `root` in the order in which it has to be written: `source` before `img`, `srcset` before `src`. */
export async function visitUrls(root: Node, visit: Visit): Promise<void> {
  let start = performance.now();
  // A stranger's images and forms have names that stand before the methods of the document, and fields before properties of their form.
  const elements = new Document().createNodeIterator(root, 1 satisfies typeof NodeFilter.SHOW_ELEMENT);
  while (elements.nextNode()) {
    const element = elements.referenceNode as HTMLElement;
    // A page of ten thousand images is not looked at in one task. The browser does as much again for what was written.
    if (performance.now() - start > 2) {
      await new Promise((resolve) => setTimeout(resolve));
      start = performance.now();
    }
    for (const attribute of [...(Reflect.get(Element.prototype, 'attributes', element) as NamedNodeMap)].sort(
      // `srcset` before `src`.
      (a, b) => b.name.length - a.name.length,
    )) {
      const { name, value: text } = attribute;
      const kind = `${element.localName} ${name}`;
      // Links to icons and preloads are none.
      if (/ (?:data-.*|style|srcset|poster)$|^(?:im|in).* src$|^(?:a|im.*) .*href$/.test(kind)) {
        const renewed = text.replace(
          name === 'style'
            ? // Comments and strings are stepped over.
              /(url\(["']?)([^"')]+)|\/\*.*?(?:\*\/|$)|(["'])(?:\\.|(?!\3).)*.?/gs
            : name.endsWith('srcset')
              ? // A run may begin with the descriptor of the candidate before, and end with a comma. A run of commas is tried once.
                /((?:^|\s)(?:[\d.]+[wxh],+(?!,))?)(\S*[^\s,])/g
              : /()(\S(?:.*\S)?)/s,
          (all, before, url) =>
            // A text may begin like a URL. One that is too long for a `signingEndpoint`, in three bytes a character, counts as a text.
            /^(?:https?:)?\/[^\s\0- "<>`\x7f-\x9f]{0,9999}$/i.test(url)
              ? before + visit(url, element, kind)
              : all,
        );
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

/** The URLs in each place, in order. */
export type Places = Map<string, string[]>;

/** A place has the image and the elements around it in its name: what a stranger writes stands in an element of its own. */
export function note(places: Places, url: string, element: Element, kind: string): string {
  let place = formOf(url).replace(/<.*?>/g, kind);
  for (let at: Element | null = element; at; at = Reflect.get(Node.prototype, 'parentElement', at))
    place += `${at.localName} ${at.id}`.replace(/>/g, '') + '>';
  const urls = places.get(place);
  if (urls) urls.push(url);
  else places.set(place, [url]);
  return url;
}
