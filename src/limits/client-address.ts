import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * An address in a form of proxies: `[v6]`, `[v6]:port` or `v4:port`. The port of a client changes with each connection,
 * so only the address is taken.
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
  // `isIP` is asked first: ipaddr.js would also take short and hexadecimal spellings of IPv4, which no socket shows.
  if (isIP(bare) === 0) return 'unknown'
  const parsed = ipaddr.process(bare)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts.slice(0, 4).map(group => group.toString(16)).join(':')}::/64`
}
