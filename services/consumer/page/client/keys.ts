/** The keyboard: single keys, while nobody types, and a dialog that lists them. */
import { byId, element } from './element.ts';

export interface Key {
  readonly keys: readonly string[];
  readonly what: string;
  readonly run: () => void;
}

export function createKeys(keys: readonly Key[]): void {
  const dialog = byId('shortcuts', HTMLDialogElement);
  const close = element('button', { type: 'button', class: 'close' }, 'Close');
  const rows = [
    ...keys,
    { keys: ['?'], what: 'This list' },
    { keys: ['Esc'], what: 'Close, leave a field, go back to now' },
  ];
  dialog.append(
    element('h2', { id: 'shortcuts-title' }, 'Keyboard'),
    element(
      'dl',
      {},
      ...rows.map(({ keys, what }) => {
        const names = keys.flatMap((key, i) => [
          ...(i > 0 ? [' '] : []),
          element('kbd', {}, key === ' ' ? 'Space' : key),
        ]);
        return element('div', {}, element('dt', {}, ...names), element('dd', {}, what));
      }),
    ),
    element(
      'p',
      {},
      'Drag on a chart to look closer; a double click goes back. Point at an alert to see its time on every chart.',
    ),
    close,
  );
  close.addEventListener('click', () => dialog.close());
  byId('help', HTMLButtonElement).addEventListener('click', () => dialog.showModal());

  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (defaultPrevented || ctrlKey || metaKey || altKey || dialog.open) return;
    if (target instanceof HTMLInputElement && target.type === 'text') return;
    // Space presses the button that has the focus.
    if (key === ' ' && target instanceof Element && target.closest('button, a, input') !== null) return;
    const found = keys.find(({ keys }) => keys.includes(key));
    if (key === '?') dialog.showModal();
    else if (found === undefined) return;
    else found.run();
    event.preventDefault();
  });
}
