/** `image-signer explain`: says why a URL does not work, and how to fix it. */
import type { DeliveryImage } from '../../../schemes/cloudflare-images/scheme.ts';
import { coreOf } from '../../../signer/core.ts';
import { redactUrl } from '../../../url/redaction.ts';
import { explain } from '../../diagnosis/explain.ts';
import type { Explanation } from '../../diagnosis/explanation.ts';
import { instantInWords } from '../../diagnosis/time-words.ts';
import type { Command, Invocation } from '../command.ts';
import { answerEach, inputsOf } from '../inputs.ts';
import { signerOptions } from '../option-table.ts';
import { setUpSigner } from '../signer-setup.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'explains what is wrong with a URL, and how to fix it',
  operands: '<url>…',
  about: [
    'Shows the parts of every URL and the text to sign, and if the URL does not verify, why, and how to',
    'fix it. URLs are arguments, or one per line on standard input. The exit code is 1 if one of them',
    'does not verify.',
  ],
  examples: [
    "image-signer explain --variants thumb 'https://imagedelivery.net/…/thumb?exp=…&sig=…'",
    'image-signer explain --config image-signer.config.mjs --json < urls.txt',
  ],
  options: [...signerOptions, 'json'],
  async run(invocation) {
    const inputs = inputsOf(invocation, 'URLs');
    // No answer depends on the ttl.
    const { signer } = await setUpSigner(invocation, { ttl: '1d' });
    const { configuration } = coreOf(signer)!; // it is a signer
    return answerEach(inputs, async (url) => {
      const explanation = explain(url, configuration);
      await write(invocation, url, explanation);
      return explanation.ok;
    });
  },
};

async function write({ options, answer }: Invocation, url: string, explanation: Explanation): Promise<void> {
  if (options.has('json')) return answer.json({ url, ...explanation });
  const { ok, image, signedText, expiresAt, findings } = explanation;
  await answer.line(ok ? { style: 'green', text: 'ok' } : { style: 'red', text: 'no' }, ` ${redactUrl(url)}`);
  const { accountHash, variant } = { ...image } as Partial<DeliveryImage>; // images of other schemes have neither
  const facts = [
    ['account', accountHash],
    ['image', image?.id],
    ['variant', variant],
    ['signed text', signedText],
    ['expires', expiresAt === undefined ? undefined : instantInWords(expiresAt)],
  ] as const;
  for (const [name, value] of facts) {
    if (value !== undefined) await answer.line({ style: 'dim', text: `   ${name.padEnd(11)} ` }, value);
  }
  for (const { code, message, fix } of findings) {
    await answer.line('   ', { style: 'yellow', text: code }, `: ${message}`);
    await answer.line(`      ${fix}`);
  }
}
