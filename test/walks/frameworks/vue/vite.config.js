import vue from '@vitejs/plugin-vue';

/** The delivery has another address in each run; components name Cloudflare's, as those of a site do. */
const delivery = {
  name: 'delivery',
  enforce: 'pre',
  transform: (code, id) =>
    /\.vue$/.test(id) ? code.replaceAll('https://imagedelivery.net', process.env.DELIVERY) : undefined,
};

export default {
  plugins: [delivery, vue()],
  // In production, too, each attribute that differs after hydration is an error in the console.
  define: { __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true' },
  build: {
    outDir: 'dist/client',
    rollupOptions: { input: ['client.js', 'album-client.js'], output: { entryFileNames: '[name].js' } },
  },
};
