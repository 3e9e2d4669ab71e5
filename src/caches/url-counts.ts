/** What became of the delivery URLs of a response, in numbers. URLs of always public variants are not counted. */

export class UrlCounts {
  /** Got a new token. */
  signed = 0;
  /** Had a token that is still valid for long enough. */
  kept = 0;
  /** Under a base, but not to be signed: another variant or account, or a path that is not canonical. */
  skipped = 0;
  /** Refused by `authorize`. */
  denied = 0;

  add({ signed, kept, skipped, denied }: UrlCounts): void {
    this.signed += signed;
    this.kept += kept;
    this.skipped += skipped;
    this.denied += denied;
  }

  copy(): UrlCounts {
    const copy = new UrlCounts();
    copy.add(this);
    return copy;
  }

  since(before: UrlCounts): UrlCounts {
    const counts = new UrlCounts();
    counts.signed = this.signed - before.signed;
    counts.kept = this.kept - before.kept;
    counts.skipped = this.skipped - before.skipped;
    counts.denied = this.denied - before.denied;
    return counts;
  }
}
