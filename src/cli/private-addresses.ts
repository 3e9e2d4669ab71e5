/**
 * Addresses that are not reached over the internet (IANA's registries of special-purpose addresses). `check` refuses them
 * unless the user allows them: a URL from somebody else could make it ask a server of the user's own network.
 */
import { BlockList, isIP } from 'node:net';

// One list for each family: `BlockList` takes every IPv4 address for one of `::ffff:0:0/96`.
const ipv4 = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  ipv4.addSubnet(address, prefix, 'ipv4');

/** All but `2000::/3`, the global addresses; and of those the ones that contain an IPv4 address, or lead nowhere. */
const ipv6 = new BlockList();
for (const [address, prefix] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  ipv6.addSubnet(address, prefix, 'ipv6');

/** @param address - of either family; what is no address counts as private */
export function isPrivate(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return ipv4.check(address, 'ipv4');
    case 6:
      // A scope (`fe80::1%eth0`) belongs to a link of this machine.
      return address.includes('%') || ipv6.check(address, 'ipv6');
    default:
      return true;
  }
}
