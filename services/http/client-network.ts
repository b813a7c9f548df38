import { isIPv6 } from 'node:net';

/** RFC 6177: a home has a network of 64 bits at least, in which each request may come from another address. */
const GROUPS_OF_NETWORK = 4;
const GROUPS = 8;

/** What counts as one client for limits: an address of IPv4, a network of IPv6. */
export function clientNetwork(address: string): string {
  // An address of IPv4 may come as one of IPv6 (RFC 4291 2.5.5.2).
  if (!isIPv6(address) || address.includes('.')) return address;
  const [before = [], after] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const left = [...before];
  if (after !== undefined) left.push(...Array<string>(GROUPS - left.length - after.length).fill('0'), ...after);
  return `${left.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`;
}
