export default defineNuxtConfig({
  compatibilityDate: '2026-01-01',
  telemetry: false,
  runtimeConfig: { public: { account: `${process.env.DELIVERY}/${process.env.ACCOUNT_HASH}` } },
});
