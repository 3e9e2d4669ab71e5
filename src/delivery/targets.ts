/**
 * Finds the images that a request target may name: under the signer's bases, and for Cloudflare Images also under the paths of
 * imagedelivery.net and custom domains. It reads no files and verifies nothing.
 */
import type { Configuration } from '../options/configuration.ts';
import type { BoundScheme, ResolvedImage } from '../schemes/bound.ts';
import type { ResolveFailure } from '../schemes/resolved-image.ts';
import type { Base } from '../url/base.ts';

interface FoundImages {
  readonly images: readonly (ResolvedImage | ResolveFailure)[];
  /** Whether the path is only for images, so the app has no routes there. */
  readonly isReserved: boolean;
}

/** The paths of a custom domain, and of imagedelivery.net. */
export const standardPaths: readonly string[] = ['/cdn-cgi/imagedelivery', ''];

type FindImages = (target: string) => FoundImages;

/** @returns finds the images that a request target in origin form may name; one with a fragment names none */
export function createTargets({ schemes }: Configuration): FindImages {
  const finders = schemes.filter(({ canVerify }) => canVerify).map(finderOf);
  return (target) => {
    const found = target.includes('#') ? [] : finders.map((find) => find(target));
    return {
      images: found.flatMap(({ images }) => images),
      isReserved: found.some(({ isReserved }) => isReserved),
    };
  };
}

function finderOf(scheme: BoundScheme): FindImages {
  return scheme.hasVariants ? findVariant(scheme) : findOriginal(scheme);
}

/** The most specific base wins: `/cdn-cgi/imagedelivery/…` is not an account named cdn-cgi. */
function findVariant(scheme: BoundScheme): FindImages {
  const own: readonly Base[] = scheme.definition.guardBases ?? [];
  const standard = standardPaths
    .filter((path) => !own.some((base) => base.path === path))
    .map((path) => ({ text: path, authority: undefined, path, accountHash: undefined }));
  const bases = [...own, ...standard].sort((a, b) => b.path.length - a.path.length);
  return (target) => {
    const first = bases.find(({ path }) => target.startsWith(`${path}/`));
    if (first === undefined) return { images: [], isReserved: false };
    const matching = bases.filter(({ path }) => path === first.path);
    return { images: scheme.resolveTarget(target, matching), isReserved: first.path !== '' };
  };
}

/** The host is part of some tokens, so a target is read as a URL under every base that has one. */
function findOriginal(scheme: BoundScheme): FindImages {
  const hosted = scheme.bases.filter(({ authority }) => authority !== undefined);
  const origins = new Set(hosted.map(({ text }) => new URL(text, 'https://host').origin));
  const paths = scheme.bases.map(({ path }) => path);
  return (target) => ({
    images: [
      ...scheme.resolveTarget(target),
      ...[...origins].flatMap((origin) => scheme.resolveSigned(`${origin}${target}`) ?? []),
    ],
    isReserved: paths.some((path) => path !== '' && target.startsWith(`${path}/`)),
  });
}
