/** As a database would hold it: without a token. Only the server reads it. */
export const urlOf = (id) => `${process.env.DELIVERY}/${process.env.ACCOUNT_HASH}/${id}/card`;
export const later = (value) => new Promise((resolve) => setTimeout(resolve, 200, value));
