/** Fixes what VitePress 1.6 gives screen readers wrongly. It is called whenever a page has been shown. */
export function mendAccessibility(): void {
  // A group of the sidebar is a button, and so is the caret in it, which does the same.
  for (const caret of document.querySelectorAll('.item[role="button"] > .caret[role="button"]')) {
    for (const name of ['role', 'tabindex', 'aria-label']) caret.removeAttribute(name);
    caret.setAttribute('aria-hidden', 'true');
  }
  // The home page and the page of a missing one have no main landmark.
  const content = document.querySelector('#VPContent');
  if (content?.querySelector('main') === null) content.setAttribute('role', 'main');
  else content?.removeAttribute('role');
  // The link of the missing page is named otherwise than it reads.
  document.querySelector('.NotFound .link')?.removeAttribute('aria-label');
  // Markdown makes a heading of the empty corner of a table.
  for (const corner of document.querySelectorAll('.vp-doc th:empty')) corner.setAttribute('role', 'none');
}
