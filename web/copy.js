import { make } from './viewer/dom.js';

const SHOWN_MS = 1600;

/**
 * A button that copies a text and says whether it worked.
 * @param {string} label
 * @param {() => string} text
 */
export function copyButton(label, text) {
  const button = make('button', { type: 'button', className: 'copy', ariaLabel: `Copy ${label}` }, 'Copy');
  button.addEventListener('click', async () => {
    const done = await copyText(text(), button);
    button.textContent = done ? 'Copied' : 'Failed';
    setTimeout(() => (button.textContent = 'Copy'), SHOWN_MS);
  });
  return button;
}

/**
 * Browsers give `navigator.clipboard` to secure pages only, and on a home network this page comes over plain HTTP.
 * @param {string} text
 * @param {HTMLElement} neighbour a modal dialog makes everything outside itself inert, so the field is put beside it
 */
async function copyText(text, neighbour) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = make('textarea', { className: 'visually-hidden', value: text });
  neighbour.after(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  neighbour.focus();
  return done;
}
