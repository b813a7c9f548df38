import { ViewerLink } from './viewer-link.js';

/** @type {Map<string, ViewerLink>} One without subscribers has no socket, and stays for the next. */
const links = new Map();

/**
 * The page's one link to a server. Paused while the page is hidden.
 * @param {string} server URL of the server
 */
export function sharedLink(server) {
  const known = links.get(server);
  if (known) return known;
  const link = new ViewerLink(server);
  link.paused = document.hidden;
  links.set(server, link);
  return link;
}

document.addEventListener('visibilitychange', () => {
  for (const link of links.values()) link.paused = document.hidden;
});
window.addEventListener('online', () => {
  for (const link of links.values()) link.retry();
});
