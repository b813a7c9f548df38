import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientNetwork } from '../../services/http/client-network.js';

const NETWORKS: Readonly<Record<string, string>> = {
  '192.0.2.1': '192.0.2.1',
  '::ffff:192.0.2.1': '::ffff:192.0.2.1',
  '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
  '2001:db8:1:2::6': '2001:db8:1:2::/64',
  '2001:db8:1:2:3::': '2001:db8:1:2::/64',
  '2001:db8::6': '2001:db8:0:0::/64',
  '::1': '0:0:0:0::/64',
  '::': '0:0:0:0::/64',
  'fe80::1:2%eth0': 'fe80:0:0:0::/64',
};
for (const [address, network] of Object.entries(NETWORKS)) {
  test(`${address} counts as ${network}`, () => assert.equal(clientNetwork(address), network));
}
