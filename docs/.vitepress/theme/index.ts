// System fonts: nothing to download, and no text that moves once a font is there.
import DefaultTheme from 'vitepress/theme-without-fonts';
import './site.css';

export default DefaultTheme;
