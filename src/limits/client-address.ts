import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The forms with brackets or a port that proxies write: `[v6]`, `[v6]:port` and `v4:port`. */
const WITH_PORT = /^\[(.+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/

/**
 * Gives the name under which a client is counted: the IPv4 address without a port, or the first 64 bits of the IPv6
 * address, because one client usually has all addresses that begin with them. A text that is no address gives
 * `unknown`.
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
