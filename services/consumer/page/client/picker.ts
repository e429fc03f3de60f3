/** Finds a node by its name: a combobox after the WAI-ARIA pattern with a list. https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
import type { NodeRow } from '../../api/shapes.ts';
import { byId, element, setAttribute } from './element.ts';
import { SIGNS, severityClass } from './lives.ts';
import { keyOf, type NodeName } from './place.ts';

const MOST_SHOWN = 50;

export interface Picker {
  /** Writes what is chosen, unless somebody is typing. */
  show(node: NodeName | undefined): void;
  focus(): void;
}

/** @param nodes in the order in which they are offered. */
export function createPicker(nodes: () => readonly NodeRow[], choose: (node: NodeName | undefined) => void): Picker {
  const input = byId('picker', HTMLInputElement);
  const list = byId('picker-list', HTMLElement);
  let chosen: NodeName | undefined;
  let options: (NodeName | undefined)[] = [];
  let at = -1;

  function open(): void {
    const text = input.value === nameOf(chosen) ? '' : input.value.trim().toLowerCase();
    const found = nodes().filter((row) => keyOf(row).toLowerCase().includes(text));
    const shown = found.slice(0, MOST_SHOWN);
    options = text === '' ? [undefined, ...shown] : [...shown];
    at = text === '' ? -1 : 0;
    const items = options.map((option, i) => itemOf(option, i));
    if (found.length > shown.length)
      items.push(
        element('div', { class: 'rest', role: 'presentation' }, `${found.length - shown.length} more: type on`),
      );
    if (options.length === 0) items.push(element('div', { class: 'rest', role: 'presentation' }, 'No such node here'));
    list.replaceChildren(...items);
    list.hidden = false;
    setAttribute(input, 'aria-expanded', 'true');
    move(0);
  }

  function itemOf(option: NodeName | undefined, i: number): HTMLElement {
    const row = option as NodeRow | undefined;
    const item = element(
      'li',
      { role: 'option', id: `option-${i}`, 'aria-selected': 'false' },
      option?.node ?? 'All nodes',
    );
    if (row !== undefined) {
      const note = row.up
        ? row.alertsFiring > 0
          ? `${SIGNS[severityClass(row.worstSeverity)]} ${row.alertsFiring}`
          : ''
        : 'silent';
      item.append(element('span', { class: 'note' }, `${row.cluster} ${note}`));
    }
    // Before the input loses its focus, which closes the list.
    item.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      pick(option);
    });
    return item;
  }

  function close(): void {
    list.hidden = true;
    setAttribute(input, 'aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function move(by: number): void {
    if (options.length === 0) return;
    at = by === 0 ? at : (Math.max(at, by > 0 ? -1 : 0) + by + options.length) % options.length;
    for (const [i, item] of [...list.children].entries()) {
      if (item.role === 'option') setAttribute(item, 'aria-selected', String(i === at));
      if (i === at) {
        item.scrollIntoView({ block: 'nearest' });
        setAttribute(input, 'aria-activedescendant', item.id);
      }
    }
  }

  function pick(node: NodeName | undefined): void {
    chosen = node;
    input.value = nameOf(node);
    close();
    input.blur();
    choose(node);
  }

  input.addEventListener('focus', () => {
    input.select();
    open();
  });
  input.addEventListener('click', () => {
    if (list.hidden) open();
  });
  input.addEventListener('input', open);
  input.addEventListener('blur', () => {
    close();
    input.value = nameOf(chosen);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (list.hidden) open();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') {
      if (!list.hidden && at >= 0) pick(options[at]);
    } else if (event.key === 'Escape') {
      input.value = nameOf(chosen);
      close();
      input.blur();
    } else return;
    event.preventDefault();
  });

  return {
    show(node) {
      chosen = node;
      if (document.activeElement !== input) input.value = nameOf(node);
    },
    focus: () => input.focus(),
  };
}

function nameOf(node: NodeName | undefined): string {
  return node?.node ?? '';
}
