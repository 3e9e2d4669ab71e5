/** Element names by what tree construction does with them (WHATWG HTML, 13.2.4.2 and 13.2.6). */
const namesIn = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Start tags that end foreign content (13.2.6.5). `font` does so only with some attributes. */
export const breakoutElements: ReadonlySet<string> = namesIn(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var',
);
export const svgIntegrationPoints: ReadonlySet<string> = namesIn('foreignobject desc title');
export const mathIntegrationPoints: ReadonlySet<string> = namesIn('mi mo mn ms mtext');

export const voidElements: ReadonlySet<string> = namesIn(
  'area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr',
);
/** Their start tags open no element in a body. */
export const ignoredInBody: ReadonlySet<string> = namesIn('frame frameset head html body');
export const headings: ReadonlySet<string> = namesIn('h1 h2 h3 h4 h5 h6');
export const formattingElements: ReadonlySet<string> = namesIn(
  'a b big code em font i nobr s small strike strong tt u',
);
/** Elements that only a `table` or a `template` can contain. */
export const tableParts: ReadonlySet<string> = namesIn('caption col colgroup tbody td tfoot th thead tr');

/** Start tags that end an open `p`. */
export const closesParagraph: ReadonlySet<string> = namesIn(
  'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hgroup hr li dd dt listing main menu nav ol p plaintext pre search section summary table ul xmp',
);
/** End tags that look for their element "in scope". Most others look no further than a special element. */
export const closesInScope: ReadonlySet<string> = namesIn(
  'address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer ' +
    'header hgroup listing main menu nav ol pre search section select summary ul form p li dd dt h1 h2 h3 h4 h5 h6 ' +
    'applet marquee object a b big code em font i nobr s small strike strong tt u',
);
/** The HTML elements that bound a scope, except `html`. */
export const scopeElements: ReadonlySet<string> = namesIn(
  'applet caption table td th marquee object select template',
);
export const specialElements: ReadonlySet<string> = namesIn(
  'address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd ' +
    'details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header ' +
    'hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript ' +
    'object ol p param plaintext pre script search section select source style summary table tbody td template ' +
    'textarea tfoot th thead title tr track ul wbr xmp',
);
/**
 * Elements that no end tag can pop from around an `svg`: they are void, contain only text, or their end tag pops
 * nothing but themselves.
 */
export const neverPoppedAround: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...voidElements,
  ...namesIn(
    'title textarea style script iframe xmp noembed noframes noscript plaintext html head body form',
  ),
]);
