const { DELIVERY, ACCOUNT_HASH } = process.env;
const { protocol, hostname, port } = new URL(DELIVERY);

export default {
  // Flight data holds tokens and is not rewritten: no cache may keep it for longer than half a ttl, in seconds.
  expireTime: 43_200,
  images: {
    // An object, and not `new URL(…)`: that stands for URLs without a query, and a token is one.
    remotePatterns: [{ protocol: protocol.slice(0, -1), hostname, port, pathname: `/${ACCOUNT_HASH}/**` }],
    dangerouslyAllowLocalIP: true, // the delivery of a test is on this machine
  },
};
