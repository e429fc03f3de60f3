/** Light or dark: as the system is, until somebody chooses. */
import { byId, setText } from './element.ts';

const KEPT_AS = 'theme';

/** @param changed paints again what has colours of its own. */
export function createTheme(changed: () => void): { readonly toggle: () => void } {
  const button = byId('theme', HTMLButtonElement);
  const system = matchMedia('(prefers-color-scheme: dark)');

  function apply(): void {
    const kept = localStorage.getItem(KEPT_AS);
    const dark = kept === null ? system.matches : kept === 'dark';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    setText(button, dark ? 'Light' : 'Dark');
    changed();
  }

  function toggle(): void {
    localStorage.setItem(KEPT_AS, document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
    apply();
  }

  button.addEventListener('click', toggle);
  system.addEventListener('change', apply);
  apply();
  return { toggle };
}
