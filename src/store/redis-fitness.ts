import type { Redis } from 'ioredis'

const MIN_VERSION = [6, 2] as const

/** What `checkRedis` found. */
export interface RedisFitness {
  version: string
  /** Why the service cannot use this Redis; null when it can. */
  unfit: string | null
  /** Settings by which Redis may lose what the service needs. */
  warnings: readonly { facts: object, message: string }[]
}

/** Reads version and settings of Redis. Rejects with the error of Redis when Redis does not answer or refuses INFO. */
export async function checkRedis (redis: Redis): Promise<RedisFitness> {
  const lines = (await redis.info()).split('\r\n')
  const facts = new Map(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
  )
  const version = facts.get('redis_version') ?? ''
  const unfit = whyUnfit(version, facts.get('cluster_enabled'))
  return { version, unfit, warnings: unfit === null ? await warningsOf(redis, facts) : [] }
}

function whyUnfit (version: string, cluster: string | undefined): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1])
  if (isOld) return `Redis ${version} is older than ${MIN_VERSION.join('.')}`
  return cluster === '1' ? 'Redis is in cluster mode, where one node has a part of the keys; use one without' : null
}

async function warningsOf (redis: Redis, facts: ReadonlyMap<string, string>): Promise<RedisFitness['warnings']> {
  const warnings = []
  const policy = facts.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
    const message = 'Redis may drop entries that are still needed when it is full: set maxmemory-policy to noeviction'
    warnings.push({ facts: { policy }, message })
  }
  if (facts.get('aof_enabled') === '0') {
    const message = 'Redis forgets its last writes in a crash: set appendonly to yes'
    return [...warnings, { facts: {}, message }]
  }
  const appendfsync = await appendfsyncOf(redis)
  if (appendfsync !== null && appendfsync !== 'always') {
    const message = 'Redis confirms writes before it keeps them, and forgets them in a crash: set appendfsync to always'
    warnings.push({ facts: { appendfsync }, message })
  }
  return warnings
}

/** Null where Redis refuses CONFIG, as hosted Redis services often do. */
async function appendfsyncOf (redis: Redis): Promise<string | null> {
  try {
    const [, value] = await redis.call('CONFIG', 'GET', 'appendfsync') as unknown[]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

/** Whether Redis itself answered with this error: for example that it is full, not the primary, or forbids it. */
export function isRedisReply (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}
