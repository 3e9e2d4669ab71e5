/** As a database would hold it: without a token. Only loaders read it. */
export const urlOf = (id: string): string =>
  `${process.env['DELIVERY']}/${process.env['ACCOUNT_HASH']}/${id}/card`;
export const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 200, value));
