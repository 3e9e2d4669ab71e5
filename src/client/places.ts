/** The places in a page that contain image URLs. */
import { formOf } from './tokens.ts';

/**
 * @param kind - the names of the element and of its attribute
 * @returns the URL to write there, or the same URL
 */
export type Visit = (url: string, element: Element, kind: string) => string;

/** Visits every URL below `root` in the order in which to write them: `source` before `img`, `srcset` before `src`. */
export async function visitUrls(root: Node, visit: Visit): Promise<void> {
  let start = performance.now();
  // The names of a stranger's images and forms shadow the document's methods, and the names of fields shadow their form's properties.
  const elements = new Document().createNodeIterator(root, 1 satisfies typeof NodeFilter.SHOW_ELEMENT);
  while (elements.nextNode()) {
    const element = elements.referenceNode as HTMLElement;
    // Do not visit a page of ten thousand images in one task: the browser needs as much time again for the new URLs.
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
      // Links to icons and preloads do not count.
      if (/ (?:data-.*|style|srcset|poster)$|^(?:im|in).* src$|^(?:a|im.*) .*href$/.test(kind)) {
        const renewed = text.replace(
          name === 'style'
            ? // Skip comments and strings.
              /(url\(["']?)([^"')]+)|\/\*.*?(?:\*\/|$)|(["'])(?:\\.|(?!\3).)*.?/gs
            : name.endsWith('srcset')
              ? // A run may begin with the descriptor of the candidate before, and end with a comma. A run of commas is tried once.
                /((?:^|\s)(?:[\d.]+[wxh],+(?!,))?)(\S*[^\s,])/g
              : /()(\S(?:.*\S)?)/s,
          (all, before, url) =>
            // A text may begin like a URL. A URL that is too long for a `signingEndpoint`, at three bytes a character, counts as a text.
            /^(?:https?:)?\/[^\s\0- "<>`\x7f-\x9f]{0,9999}$/i.test(url)
              ? before + visit(url, element, kind)
              : all,
        );
        if (renewed !== text)
          if (name === 'style')
            // The page's policy may forbid setting the attribute `style`.
            element.style.cssText = renewed;
          // A parser accepts names that `setAttribute` refuses.
          else attribute.value = renewed;
      }
    }
  }
}

/** The URLs in every place, in order. */
export type Places = Map<string, string[]>;

/** A place's name has the image and its ancestors, because a stranger's text has its own element. */
export function note(places: Places, url: string, element: Element, kind: string): string {
  let place = formOf(url).replace(/<.*?>/g, kind);
  for (let at: Element | null = element; at; at = Reflect.get(Node.prototype, 'parentElement', at))
    place += `${at.localName} ${at.id}`.replace(/>/g, '') + '>';
  const urls = places.get(place);
  if (urls) urls.push(url);
  else places.set(place, [url]);
  return url;
}
