import { createSSRApp } from 'vue';
import Gallery from './Gallery.vue';

const island = document.getElementById('state');
const state = island === null ? window.state : JSON.parse(island.textContent);
createSSRApp(Gallery, { state }).mount('#root');
