/**
 * Addresses outside the internet (IANA's registries of special-purpose addresses, RFC 6890), and one public address at which
 * a cloud answers its own machines. `check` refuses them unless the user allows them: somebody else's URL could make it
 * request a server of the user's own network. They include the metadata services of clouds:
 * 169.254.169.254, 100.100.100.200 (Alibaba), 192.0.0.192 (Oracle), fd00:ec2::254 (AWS), fd20:ce::254 (Google).
 */
import { BlockList, isIP } from 'node:net';

// One list per family: `BlockList` matches every IPv4 address with `::ffff:0:0/96`.
const ipv4 = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's wire server: on a virtual machine, whoever reaches it may ask for the machine's certificates.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  // Former 6to4 relays: the nearest one may be in the user's own network.
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  ipv4.addSubnet(address, prefix, 'ipv4');

/**
 * Everything outside `2000::/3`, the global addresses, and within it addresses that contain an IPv4 address (Teredo in
 * `2001::/23`, 6to4) or lead nowhere. Other forms that contain one (mapped, compatible, NAT64) are under `::/3`.
 */
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

/** @param address - of either family; anything else counts as private */
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

/** Whether an address always means this machine (RFC 6890). */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}
