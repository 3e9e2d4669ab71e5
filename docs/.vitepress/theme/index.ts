import { onContentUpdated, type Theme, useRoute } from 'vitepress';
// System fonts need no download, and text does not move when a font arrives.
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
