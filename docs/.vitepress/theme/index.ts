import { onContentUpdated, type Theme, useRoute } from 'vitepress';
// System fonts: nothing to download, and no text that moves once a font is there.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { nextTick, onMounted, watch } from 'vue';
import { mendAccessibility } from './accessibility.ts';
import './site.css';
import './home/home.css';

const theme: Theme = {
  extends: DefaultTheme,
  setup() {
    const route = useRoute();
    onMounted(() => {
      mendAccessibility();
      watch(
        () => route.path,
        () => nextTick(mendAccessibility),
      );
    });
    onContentUpdated(mendAccessibility);
  },
};

export default theme;
