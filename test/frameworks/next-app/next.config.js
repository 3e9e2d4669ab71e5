export default {
  // Flight data holds tokens and is not rewritten: no cache may keep it for longer than half a ttl, in seconds.
  expireTime: 43_200,
};
