import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** `[v6]:port` or `v4:port`: some proxies add the client's port, which is new with every connection. */
const WITH_PORT = /^\[(.+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/

/**
 * Gives the name under which one client is counted: its v4 address, or the /64 of its v6 address, because one client
 * holds a whole /64. A v4 address that is mapped into v6 is the v4 address. A text that is no address gives `unknown`.
 */
export function clientOf (address: string): string {
  const [, inBrackets, beforePort] = WITH_PORT.exec(address) ?? []
  const bare = inBrackets ?? beforePort ?? address
  // ipaddr.js also reads short and hexadecimal v4 addresses, which no socket shows.
  if (isIP(bare) === 0) return 'unknown'
  const parsed = ipaddr.process(bare)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts.slice(0, 4).map(group => group.toString(16)).join(':')}::/64`
}
