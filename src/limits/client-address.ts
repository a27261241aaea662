import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Matches an address in a form that proxies use beside the bare address: `[v6]`, `[v6]:port` or `v4:port`. Group 1 is
 * the IPv6 address, group 2 the IPv4 address. The port is left out, because it changes with each connection of a
 * client.
 */
const WITH_PORT = /^\[(.+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/

/**
 * Gives the name under which the requests of one client are counted. For an IPv4 address: the address, without a port.
 * For an IPv6 address: its first 64 bits, because one client usually has all addresses that begin with them. An IPv4
 * address that is written as IPv6 (`::ffff:…`) gives the IPv4 address. A text that is no address gives `unknown`.
 */
export function clientOf (address: string): string {
  const [, inBrackets, beforePort] = WITH_PORT.exec(address) ?? []
  const bare = inBrackets ?? beforePort ?? address
  // `isIP` is asked first: ipaddr.js would also accept short and hexadecimal spellings of IPv4, which no socket shows.
  if (isIP(bare) === 0) return 'unknown'
  const parsed = ipaddr.process(bare)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts.slice(0, 4).map(group => group.toString(16)).join(':')}::/64`
}
