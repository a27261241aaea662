import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { StorageRefusal } from '../errors.ts'
import { ADDRESS_REFUSED } from './failures.ts'

/**
 * `isTrusted`: the list has the full origin, so private addresses are allowed. `origin`: the origin of the link; empty
 * if the link is no URL.
 */
export type UrlDecision =
  | { readonly url: URL, readonly isTrusted: boolean }
  | { readonly refusal: StorageRefusal, readonly origin: string }

const HOST_ENTRY = /^(\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/

/**
 * Gives a function that decides whether a link may be followed. Each entry is a host, a suffix (`*.…`) or a full
 * origin. Throws TypeError for any other entry.
 */
export function createUrlAllowlist (entries: readonly string[]): (link: string) => UrlDecision {
  const hosts = new Set<string>()
  const suffixes: string[] = []
  const origins = new Set<string>()
  for (const entry of entries.map((text) => text.trim().toLowerCase())) {
    if (entry.includes('://')) origins.add(originOf(entry))
    else if (!HOST_ENTRY.test(entry)) throw new TypeError('not a storage host: host, *.suffix or origin')
    else if (entry.startsWith('*.')) suffixes.push(entry.slice(1))
    else hosts.add(entry)
  }
  const isListed = (host: string): boolean => hosts.has(host) || suffixes.some((suffix) => host.endsWith(suffix))

  return (link) => {
    const url = URL.canParse(link) ? new URL(link) : null
    if (url === null) return { refusal: 'not-a-url', origin: '' }
    const { origin } = url
    if (url.username !== '' || url.password !== '') return { refusal: 'credentials', origin }
    if (origins.has(origin)) return { url, isTrusted: true }
    if (url.protocol !== 'https:') return { refusal: 'scheme', origin }
    if (url.port !== '' || !isListed(url.hostname)) return { refusal: 'host', origin }
    // A host that is an IP address is never looked up, so `guardLookup` does not see it.
    if (isPrivateAddress(url.hostname.replace(/^\[|\]$/g, ''))) return { refusal: 'address', origin }
    return { url, isTrusted: false }
  }
}

function originOf (entry: string): string {
  const url = URL.canParse(entry) ? new URL(entry) : null
  const isBare = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  if (!isBare) throw new TypeError('not a storage origin: scheme, host and port only')
  return url.origin
}

/**
 * Gives a DNS lookup that fails when it finds a private address. A name cannot change its address after this check,
 * because the check is part of connecting.
 */
export function guardLookup (lookup: LookupFunction = systemLookup as LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found = error !== null ? [] : Array.isArray(address) ? address.map((one) => one.address) : [address]
      if (found.some(isPrivateAddress)) {
        callback(Object.assign(new Error('not a public address'), { code: ADDRESS_REFUSED }), '')
      } else {
        callback(error, address, family)
      }
    })
  }
}

/** Whether an IP address is not public (IANA special-purpose address registries). False for any other text. */
export function isPrivateAddress (address: string): boolean {
  const [bare = ''] = address.split('%')
  const family = isIP(bare)
  if (family === 0) return false
  return family === 4
    ? NOT_PUBLIC.v4.check(bare, 'ipv4')
    : !GLOBAL_V6.check(bare, 'ipv6') || NOT_PUBLIC.v6.check(bare, 'ipv6')
}

/** IANA gives public IPv6 addresses from this range. Loopback, local, mapped and multicast addresses lie outside. */
const GLOBAL_V6 = new BlockList()
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6')

const NOT_PUBLIC = notPublic()

// v4 and v6 need a list each, because a list compares v4 addresses with its v6 ranges, too.
function notPublic (): { readonly v4: BlockList, readonly v6: BlockList } {
  const lists = { v4: new BlockList(), v6: new BlockList() }
  const v4: readonly (readonly [string, number])[] = [
    ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12],
    ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15],
    ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4]
  ]
  // Teredo (in 2001::/23) and 6to4 (2002::/16) addresses hold a v4 address. The other two are for documentation.
  const v6: readonly (readonly [string, number])[] = [
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['3fff::', 20]
  ]
  for (const [net, prefix] of v4) lists.v4.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of v6) lists.v6.addSubnet(net, prefix, 'ipv6')
  return lists
}
