/** Plain URLs, as a database holds them. */
export default defineEventHandler((event) => {
  const { account } = useRuntimeConfig().public;
  const { ids } = getQuery(event);
  return ids.split(',').map((id) => ({ id, thumb: `${account}/${id}/thumb`, card: `${account}/${id}/card` }));
});
