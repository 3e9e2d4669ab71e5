/** `image-signer verify`: tests whether the token of a URL is valid now. */
import type { Signer } from '../../../signer/index.ts';
import type { Verification } from '../../../signer/verification.ts';
import { redactUrl } from '../../../url/redaction.ts';
import { instantInWords } from '../../diagnosis/time-words.ts';
import type { Command, Invocation } from '../command.ts';
import { answerEach, inputsOf } from '../inputs.ts';
import { signerOptions } from '../option-table.ts';
import { setUpSigner } from '../signer-setup.ts';
import { verificationFailure } from '../verdicts.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'tests whether URLs are signed and still valid',
  operands: '<url>…',
  about: [
    'Tests whether the token of every URL is valid, and writes a line per URL. URLs are arguments, or',
    'one per line on standard input. The exit code is 1 if one of them is not valid.',
  ],
  examples: [
    "image-signer verify --variants thumb 'https://imagedelivery.net/…/thumb?exp=…&sig=…'",
    'image-signer verify --config image-signer.config.mjs --json < urls.txt',
  ],
  options: [...signerOptions, 'json'],
  async run(invocation) {
    const inputs = inputsOf(invocation, 'URLs');
    // No answer depends on the ttl.
    const { signer } = await setUpSigner(invocation, { ttl: '1d' });
    return answerEach(inputs, async (url) => {
      const verification = signer.verifyImage(url);
      await write(invocation, url, verification, signer);
      return verification.ok;
    });
  },
};

async function write(
  { options, answer }: Invocation,
  url: string,
  verification: Verification,
  signer: Signer,
): Promise<void> {
  if (options.has('json')) return answer.json({ url, ...verification });
  if (!verification.ok) {
    const { reason } = verification;
    const why = ` (${reason}: ${verificationFailure(reason, url, signer)})`;
    // Without its token: others may read a build log.
    return answer.line({ style: 'red', text: 'no' }, ` ${redactUrl(url)}`, { style: 'dim', text: why });
  }
  const validity =
    'alwaysPublic' in verification
      ? 'always public, needs no token'
      : `until ${instantInWords(verification.expiresAt)}${byOlderKey(verification.keyIndex)}`;
  return answer.line({ style: 'green', text: 'ok' }, ` ${redactUrl(verification.image.url)}`, {
    style: 'dim',
    text: ` (${validity})`,
  });
}

function byOlderKey(index: number): string {
  return index === 0 ? '' : `, signed by key ${index + 1} of the list`;
}
