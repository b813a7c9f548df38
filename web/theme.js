/** Dark, light, or as the system is; the choice is remembered in this browser. */
const STORAGE_KEY = 'framewell.theme';

/** @typedef {'auto' | 'light' | 'dark'} Theme */

/** @type {Record<Theme, { next: Theme, label: string, sign: string }>} */
const THEMES = {
  auto: { next: 'light', label: 'Theme: as the system', sign: '◐' },
  light: { next: 'dark', label: 'Theme: light', sign: '☀' },
  dark: { next: 'auto', label: 'Theme: dark', sign: '☾' },
};

/** @returns {Theme} */
function readTheme() {
  // Storage throws where cookies are blocked; the theme then lasts as long as the page.
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

/** @param {Theme} theme */
function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // See readTheme.
  }
}

/** @param {HTMLElement} button steps through the themes */
export function bindThemeButton(button) {
  let theme = readTheme();
  const render = () => {
    const { label, sign } = THEMES[theme];
    button.textContent = sign;
    button.title = label;
    button.ariaLabel = label;
  };
  button.addEventListener('click', () => {
    theme = THEMES[theme].next;
    applyTheme(theme);
    render();
  });
  render();
}

applyTheme(readTheme());
