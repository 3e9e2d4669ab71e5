const { DELIVERY } = process.env;
const imageSources = ["'self'", 'data:', 'blob:', DELIVERY];

module.exports = {
  HOST: '127.0.0.1',
  DB_CLIENT: 'sqlite3',
  DB_FILENAME: 'data.db',
  SECRET: 'of this test, and of nothing else',
  ADMIN_EMAIL: 'editor@example.org',
  ADMIN_PASSWORD: 'Only for this 1',
  TELEMETRY: false,
  // It answers 503 while this machine is busy, as it is during a start.
  PRESSURE_LIMITER_ENABLED: false,
  CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC: imageSources,
};
