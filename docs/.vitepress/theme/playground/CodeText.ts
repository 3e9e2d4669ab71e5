import { type FunctionalComponent, h } from 'vue';

/** A sentence with `code` in backticks. */
export const CodeText: FunctionalComponent<{ readonly text: string }> = ({ text }) =>
  text.split('`').map((part, index) => (index % 2 === 1 ? h('code', part) : part));

CodeText.props = ['text'];
