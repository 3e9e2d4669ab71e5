/** Corrects what VitePress 1.6 tells screen readers. Call it whenever a page has been shown. */
export function mendAccessibility(): void {
  // A sidebar group is a button that contains a second button, the caret, which does the same.
  for (const caret of document.querySelectorAll('.item[role="button"] > .caret[role="button"]')) {
    for (const name of ['role', 'tabindex', 'aria-label']) caret.removeAttribute(name);
    caret.setAttribute('aria-hidden', 'true');
  }
  // The home page and the 404 page have no main landmark.
  const content = document.querySelector('#VPContent');
  if (content?.querySelector('main') === null) content.setAttribute('role', 'main');
  else content?.removeAttribute('role');
  // The name of the 404 page's link differs from its text.
  document.querySelector('.NotFound .link')?.removeAttribute('aria-label');
  // Markdown turns the empty corner of a table into a heading.
  for (const corner of document.querySelectorAll('.vp-doc th:empty')) corner.setAttribute('role', 'none');
}
