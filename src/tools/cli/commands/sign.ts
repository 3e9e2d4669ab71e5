/** `image-signer sign`: adds tokens to URLs and image ids. */
import { ImageSignerError } from '../../../errors.ts';
import type { SignOptions } from '../../../options/call-options.ts';
import { invisible, redactUrl } from '../../../url/redaction.ts';
import type { Command, Invocation } from '../command.ts';
import { answerEach, inputsOf } from '../inputs.ts';
import { Mistake } from '../mistake.ts';
import { signerOptions } from '../option-table.ts';
import { durationOf, optionMistake, setUpSigner } from '../signer-setup.ts';
import { signingFailure } from '../verdicts.ts';

export const signCommand: Command = {
  name: 'sign',
  summary: 'signs URLs, or image ids',
  operands: '<url|id>…',
  about: [
    'Signs every URL or image id, and writes one signed URL per line. They are arguments, or one per',
    'line on standard input. If one cannot be signed, standard error says why, and the exit code is 1.',
  ],
  examples: [
    'image-signer sign --ttl 1d --variants thumb https://imagedelivery.net/<account hash>/photo-1/thumb',
    'image-signer sign --ttl 1d --account-hash <account hash> --variant thumb photo-1 photo-2',
    'image-signer sign --config image-signer.config.mjs --expires-at 2035-01-01 < urls.txt',
  ],
  options: [...signerOptions, 'ttl', 'stable-for', 'expires-at', 'variant', 'json'],
  async run(invocation) {
    const { options, secrets } = invocation;
    const validity = validityOf(invocation);
    const inputs = inputsOf(invocation, 'URLs');
    const variant = options.text('variant');
    const { signer, sources } = await setUpSigner(invocation, {
      ttl: validity?.expiresAt === undefined ? undefined : '1d',
      variants: variant === undefined ? undefined : [variant],
    });
    return answerEach(inputs, async (image) => {
      try {
        const url = signer.signImage(image, variant, validity);
        // The key may have been pasted instead of an id, an account or a variant.
        if (secrets.isIn(image) || secrets.isIn(url)) {
          return await refuse(invocation, image, 'HOLDS_KEY', 'it would show the signing key');
        }
        const verification = signer.verifyImage(url);
        await write(invocation, image, url, 'expiresAt' in verification ? verification.expiresAt : undefined);
        return true;
      } catch (error) {
        if (!(error instanceof ImageSignerError)) throw error;
        if (error.code === 'INVALID_OPTION') throw optionMistake(error, sources);
        return await refuse(invocation, image, error.code, signingFailure(error.code, image, signer));
      }
    });
  },
};

/** A flag wins over the `--config` file, and so over a variant's ttl there. */
function validityOf({ options }: Invocation): SignOptions | undefined {
  const [ttl, until] = [options.text('ttl'), options.text('expires-at')];
  if (ttl !== undefined && until !== undefined) {
    throw new Mistake('--expires-at says when the URLs expire, so --ttl has no effect. Give only one.');
  }
  if (until !== undefined) return { expiresAt: instantOf(until) };
  return ttl === undefined ? undefined : { ttl: durationOf(ttl) as SignOptions['ttl'] }; // `signImage` checks it
}

/**
 * A date without a time means midnight UTC. A time without a zone would differ from machine to machine.
 * @returns Unix seconds
 */
function instantOf(text: string): number {
  if (/^[1-9]\d{0,10}$/.test(text)) return Number(text);
  if (/^\d{12,15}$/.test(text)) {
    throw new Mistake('--expires-at looks like milliseconds. It takes Unix seconds: divide by 1000.');
  }
  const [, day] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const seconds = Date.parse(text) / 1000;
  // `Date` reads February 31 as March 3.
  if (day !== undefined && seconds > 0 && isDay(day)) return seconds;
  throw new Mistake(
    '--expires-at takes Unix seconds, a date such as 2035-01-01, or a time with its zone such as 2035-01-01T12:00:00Z.',
  );
}

function isDay(text: string): boolean {
  const time = Date.parse(text);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}

async function write(
  { options, answer }: Invocation,
  image: string,
  url: string,
  expiresAt: number | undefined,
): Promise<void> {
  // Only a fragment can have such characters, and fragments are not signed.
  const shown = url.toWellFormed().replace(new RegExp(invisible.source, 'gu'), encodeURIComponent);
  if (!options.has('json')) return answer.write(`${shown}\n`);
  // An expired URL does not verify: read its expiry from the text.
  const [, expiry] = /[?&]exp=(\d+)&sig=/.exec(shown) ?? [];
  const end = expiresAt ?? (expiry && Number(expiry));
  return answer.json({ input: image, url: shown, ...(end && { expiresAt: end }) });
}

async function refuse(
  { options, answer, notes }: Invocation,
  image: string,
  code: string,
  message: string,
): Promise<false> {
  if (options.has('json')) await answer.json({ input: image, error: { code, message } });
  else
    await notes.line({ style: 'red', text: 'not signed: ' }, redactUrl(image), {
      style: 'dim',
      text: ` (${message})`,
    });
  return false;
}
