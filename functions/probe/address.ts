import { BlockList, isIPv6 } from 'node:net';
import type { ProbePolicy } from '../../layers/core/probe.ts';

/**
 * Where a tag may never send a probe: the instance's metadata and credentials, and other services of the host (link-local,
 * and AWS's own unique local range), what is no host, and what leads to one of these by a translated address.
 */
const FORBIDDEN = listOf([
  ['169.254.0.0', 16],
  ['0.0.0.0', 8],
  ['224.0.0.0', 3], // multicast, reserved, broadcast
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['ff00::', 8],
  ['64:ff9b::a9fe:0', 112], // 169.254.0.0/16 through NAT64 (RFC 6052)
  ['64:ff9b::7f00:0', 104],
  ['2002:a9fe::', 32], // and through 6to4 (RFC 3056)
]);
/** Lambda's own interface listens there. */
const LOOPBACK = listOf([
  ['127.0.0.0', 8],
  ['::1', 128],
]);
const UNSPECIFIED = listOf([['::', 128]]);

function listOf(subnets: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIPv6(net) ? 'ipv6' : 'ipv4');
  return list;
}

/** Why an address may not be asked; undefined where it may. An IPv4 address within an IPv6 one is judged as such. */
export function refusalOf(address: string, { loopback }: Pick<ProbePolicy, 'loopback'>): string | undefined {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const among = (list: BlockList): boolean => list.check(address, family);
  if (among(FORBIDDEN) || among(UNSPECIFIED)) return `${address} is no address that may be probed`;
  if (!loopback && among(LOOPBACK)) return `${address} is the prober itself`;
  return undefined;
}
