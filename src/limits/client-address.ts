import { isIP, isIPv6 } from 'node:net'

/**
 * What one client holds: a v4 address, or the /64 of a v6 address, of which anybody has 2^64. A v4 address in v6
 * clothes is a v4 address. Some proxies add the client's port, which is new with every connection; whatever is no
 * address at all counts as one client.
 */
export function clientOf (address: string): string {
  const [bare = ''] = (/^\[(.+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.slice(1).find(part => part !== undefined) ?? address).split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (isIP(bare) === 0) return 'unknown'
  if (mapped !== undefined || !isIPv6(bare)) return mapped ?? bare
  const [head = '', tail] = bare.split('::')
  const groups = head.split(':').filter(group => group !== '')
  // A v4 ending takes two groups, which lie past the first four.
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(group => group !== '').length
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail?.split(':') ?? [])]
  return `${all.slice(0, 4).map(group => (Number.parseInt(group, 16) || 0).toString(16)).join(':')}::/64`
}
