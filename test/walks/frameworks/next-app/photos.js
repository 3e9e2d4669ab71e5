const { DELIVERY, ACCOUNT_HASH } = process.env;

/** Plain URLs, as a database holds them. */
export function photoOf(id) {
  const urlOf = (variant) => `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
  return { id, thumb: urlOf('thumb'), card: urlOf('card') };
}
