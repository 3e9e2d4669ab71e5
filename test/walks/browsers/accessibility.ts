/** Looks for mistakes that keep people from using a page: with axe-core, by all of its rules that are on by default. */
import type { Page } from 'playwright-core';
import { axe } from '../../../docs/.vitepress/axe.ts';

interface Results {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
  }[];
}

/**
 * @param rules - all by default
 * @param besides - selectors of what is not looked at; rules about the page as a whole see it
 * @returns one line for each element that breaks a rule
 */
export async function accessibilityMistakes(
  page: Page,
  rules?: readonly string[],
  besides: readonly string[] = [],
): Promise<string[]> {
  await page.evaluate(`globalThis.axe === undefined && (0, eval)(${JSON.stringify(axe)})`);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: { type: 'rule', values: rules } }) };
  const context = `{ include: [document], exclude: ${JSON.stringify(besides.map((each) => [each]))} }`;
  const run = `axe.run(${context}, ${JSON.stringify(options)}).then(({ violations }) => ({ violations }))`;
  const { violations } = await page.evaluate<Results>(run);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** How far the page can be scrolled sideways, in CSS pixels: 0 for one that fits. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
