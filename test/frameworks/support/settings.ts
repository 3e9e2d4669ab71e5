/** What an app and its walk agree on. An app gets these by its environment: `IMAGES_KEY`, `ACCOUNT_HASH`, `DELIVERY`. */

export const key = 'a-key-for-frameworks-that-nobody-else-has';
export const accountHash = 'cheeW4oKsx5ljh8e8BoL2A';
/** Every app signs with this ttl, and delivers the variants `thumb` and `card`. */
export const ttl = '1d';
export const variants: readonly ['thumb', 'card'] = ['thumb', 'card'];
