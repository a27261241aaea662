import type { Redis } from 'ioredis'

const MIN_VERSION = [6, 2] as const

export interface RedisFitness {
  version: string | null
  /** Why the service cannot use this Redis; null when it can. */
  unfit: string | null
  /** Settings by which Redis may lose entries, or which it does not tell, and a Redis that is a replica. */
  warnings: readonly { facts: object, message: string }[]
  /**
   * The commands that the user of STORE_URL may not run, sorted; among them `keys` when the user may not use the keys
   * of this service. Empty also when Redis is unfit or a replica: then the rights are not tried.
   */
  missingRights: readonly string[]
}

/** `probe` is the name of a key that nothing else uses. Rejects when Redis does not answer. */
export async function checkRedis (redis: Redis, probe: string): Promise<RedisFitness> {
  // HELLO needs no right. INFO needs one, but some hosted services know only INFO.
  const hello = await helloOf(redis)
  const info = await infoOf(redis)
  const version = hello.get('version') ?? info?.get('redis_version') ?? null
  const mode = hello.get('mode') ?? (info?.get('cluster_enabled') === '1' ? 'cluster' : null)
  const unfit = whyUnfit(version, mode) ?? await whyNoDatabase(redis)
  if (unfit !== null) return { version, unfit, warnings: [], missingRights: [] }
  const warnings = await warningsOf(redis, info)
  if (hello.get('role') === 'replica') {
    const message = 'Redis is a replica, which takes no writes: STORE_URL must name the primary'
    // On a replica the rights are not tried: the client connects anew when a replica refuses a write.
    return { version, unfit, warnings: [{ facts: {}, message }, ...warnings], missingRights: [] }
  }
  return { version, unfit, warnings, missingRights: await missingRights(redis, probe) }
}

/** Null when Redis refuses the command. Rejects when Redis does not answer. */
async function answerOrNull (answer: Promise<unknown>): Promise<unknown> {
  return await answer.catch((error: unknown) => {
    if (isRedisReply(error)) return null
    throw error
  })
}

/** HELLO answers with a list in which each name stands before its value. Empty when Redis refuses HELLO. */
async function helloOf (redis: Redis): Promise<ReadonlyMap<string, string>> {
  const answer = await answerOrNull(redis.call('HELLO'))
  const facts = new Map<string, string>()
  if (!Array.isArray(answer)) return facts
  for (let i = 0; i + 1 < answer.length; i += 2) facts.set(String(answer[i]), String(answer[i + 1]))
  return facts
}

async function infoOf (redis: Redis): Promise<ReadonlyMap<string, string> | null> {
  const text = await answerOrNull(redis.info())
  if (typeof text !== 'string') return null
  return new Map(text.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1)]
  }))
}

function whyUnfit (version: string | null, mode: string | null): string | null {
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? MIN_VERSION
  const isOld = major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1])
  if (isOld) return `Redis ${version} is older than ${MIN_VERSION.join('.')}`
  if (mode === 'sentinel') return 'STORE_URL names a Redis Sentinel, which keeps no data; name the Redis itself'
  return mode === 'cluster' ? 'Redis is in cluster mode, where one node has a part of the keys; use one without' : null
}

/**
 * Gives why the service cannot use the database of STORE_URL; null when it can. After a refusal of that database, the
 * client goes on with database 0, which may belong to another service.
 */
async function whyNoDatabase (redis: Redis): Promise<string | null> {
  const { db = 0 } = redis.options
  if (db === 0 || await answerOrNull(redis.select(db)) !== null) return null
  return `STORE_URL names database ${db}, which Redis does not have or does not let this user select`
}

/** No command changes a key but `probe`. The first one makes that key, and the last one removes it. */
const COMMANDS: readonly (readonly [string, (probe: string) => readonly string[]])[] = [
  ['hset', key => [key, 'v', '1']], ['pexpire', key => [key, '1000']], ['hmget', key => [key, 'v']],
  ['hget', key => [key, 'v']], ['hexists', key => [key, 'v']], ['hdel', key => [key, 'w']], ['pttl', key => [key]],
  ['incrby', key => [key, '0']], ['time', () => []], ['eval', () => ['return 1', '0']],
  ['evalsha', () => ['0'.repeat(40), '0']], ['ping', () => []], ['del', key => [key]]
]

/**
 * Gives the commands that Redis refuses for lack of a right. Redis checks the rights first, so a refusal other than
 * NOPERM shows that the right is there.
 */
async function missingRights (redis: Redis, probe: string): Promise<string[]> {
  const missing = new Set<string>()
  await Promise.all(COMMANDS.map(async ([name, argumentsOf]) => {
    try {
      await redis.call(name, ...argumentsOf(probe))
    } catch (error) {
      if (!isRedisReply(error)) throw error
      if (error.message.startsWith('NOPERM')) missing.add(/\bkeys?\b/.test(error.message) ? 'keys' : name)
    }
  }))
  return [...missing].sort()
}

async function warningsOf (
  redis: Redis, facts: ReadonlyMap<string, string> | null
): Promise<RedisFitness['warnings']> {
  if (facts === null) {
    const message = 'Redis does not tell its settings, because its user has no right to INFO: they are not checked'
    return [{ facts: {}, message }]
  }
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

/** Null when the setting cannot be read: hosted Redis services often refuse CONFIG. */
async function appendfsyncOf (redis: Redis): Promise<string | null> {
  try {
    const [, value] = await redis.call('CONFIG', 'GET', 'appendfsync') as unknown[]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

/** Whether Redis answered a command with a refusal. False when no answer came. */
export function isRedisReply (error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}
