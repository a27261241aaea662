import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { checkRedis, isRedisReply, type RedisFitness } from './redis-fitness.ts'
import { PROOFS, SCRIPTS, type Claimed } from './redis-scripts.ts'
import {
  checkSizes, hashed, SCHEMA_VERSION, STORE_TIMES, StoreStartError, StoreUnavailableError,
  type Begun, type Claim, type Hit, type Mark, type StateStore, type StoreLog, type StoreTimes
} from './store.ts'
import { WriteTrial } from './trial.ts'

const CONNECT_MS = 300
/** A command that gets no answer in this time fails, in milliseconds. */
const COMMAND_MS = 230
/** The connection is closed when Redis sends nothing for this time, in milliseconds: the network may be broken. */
const SILENCE_MS = 2_000
/** While Redis does not answer, one command in this time is sent as a trial. All other commands fail at once. */
const TRIAL_MS = 250
const START_MS = 1_000
/** How long a trial write claims its own key. */
const TRIAL_LEASE_MS = 1_000

/** The scripts as commands of the client. The first argument is the key. */
type Commands = Readonly<Record<keyof typeof SCRIPTS, (key: string, ...args: (string | number)[]) => Promise<unknown>>>

/**
 * Opens the store that several replicas share. The `redis://` or `rediss://` URL is a secret and reaches no log. When
 * Redis cannot be reached, the store starts all the same and works once Redis can. Throws StoreStartError when Redis
 * can be reached and cannot be used.
 */
export async function openRedisStore (
  url: string,
  log: StoreLog,
  times: Partial<StoreTimes> = {}
): Promise<StateStore> {
  const redis = new Redis(url, {
    lazyConnect: true,
    scripts: SCRIPTS,
    // No command waits for a connection, and none is sent twice: it fails at once.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy: attempt => Math.min(50 * attempt, 1_000),
    // After a failover the old primary takes no writes.
    reconnectOnError: error => error.message.startsWith('READONLY'),
    connectionName: 'connect-usage-bff'
  })
  const store = new RedisStore(redis, log, { ...STORE_TIMES, ...times })
  try {
    await store.start()
  } catch (error) {
    redis.disconnect()
    throw error
  }
  return store
}

class RedisStore implements StateStore {
  readonly leaseMs: number
  readonly #redis: Redis
  readonly #commands: Commands
  readonly #log: StoreLog
  readonly #times: StoreTimes
  readonly #trial: WriteTrial
  #isDown = false
  #nextTrialAt = 0
  /** Why the service cannot use this Redis; null when it can. */
  #unfit: string | null = null
  #isClosed = false
  #ping: Promise<void> | null = null

  constructor (redis: Redis, log: StoreLog, times: StoreTimes) {
    this.#redis = redis
    this.#commands = redis as unknown as Commands
    this.#log = log
    this.#times = times
    this.leaseMs = times.leaseMs
    this.#trial = new WriteTrial(async () => {
      await this.#claim(hashed(randomUUID()), randomUUID(), null, TRIAL_LEASE_MS)
    }, log)
    redis.on('error', (error: Error) => { this.#noteDown(error) })
    redis.on('close', () => { this.#noteDown(new Error('the connection is closed')) })
  }

  /** Waits up to START_MS for the connection, so that a Redis that cannot be used is reported at the start. */
  async start (): Promise<void> {
    await Promise.race([this.#redis.connect().catch(() => {}), sleep(START_MS, undefined, { ref: false })])
    await this.#inspect()
    this.#redis.on('ready', () => { void this.#inspect() })
    if (this.#unfit !== null) throw new StoreStartError(`The state store cannot be used: ${this.#unfit}.`)
  }

  async begin (text: string, fingerprint: string | null): Promise<Begun> {
    const key = hashed(text)
    const owner = randomUUID()
    let reply: Claimed
    try {
      reply = await this.#claim(key, owner, fingerprint, this.#times.leaseMs)
    } catch (error) {
      void this.#endClaim({ key, owner, fence: 0 })
      throw error
    }
    const [kind, first = '', base = '', kept = '', sentAt = '', note = '', age = '0'] = reply
    switch (kind) {
      case 'claimed': {
        const claim = { key, owner, fence: Number(first) }
        const earlier = base === 'sent'
          ? { sentAt: new Date(Number(sentAt)), ageMs: Number(age), note: note === '' ? null : note }
          : null
        return { kind, claim, fingerprint: kept === '' ? null : kept, earlier }
      }
      case 'done': return { kind, fingerprint: first, answer: base }
      case 'in-flight': case 'mismatch': return { kind }
      default: throw new StoreUnavailableError(`the store holds values of version ${first}`)
    }
  }

  async renew (claim: Claim): Promise<boolean> {
    return await this.#run('renewKey', claim.key, claim.owner, claim.fence, this.#times.leaseMs) === 1
  }

  async mark (claim: Claim, { as, fingerprint, note }: Mark): Promise<boolean> {
    checkSizes({ note })
    const { key, owner, fence } = claim
    return await this.#run('markKey', key, owner, fence, as, fingerprint, note ?? '', this.#times.keepMs) === 1
  }

  async complete (claim: Claim, fingerprint: string, answer: string): Promise<boolean> {
    checkSizes({ answer })
    const { key, owner, fence } = claim
    return await this.#run('completeKey', key, owner, fence, fingerprint, answer, this.#times.keepMs) === 1
  }

  async release (claim: Claim, mayHaveActed: boolean): Promise<void> {
    if (mayHaveActed) await this.#run('releaseKey', claim.key, claim.owner, 1)
    else if (this.#isDown) void this.#endClaim(claim)
    else await this.#endClaim(claim)
  }

  async hit (key: string, windowMs: number, cost = 1): Promise<Hit> {
    const [count = 0, resetMs = 0] = await this.#run('hitKey', hashed(key), cost, windowMs) as number[]
    return { count, resetMs }
  }

  /** Requests for health at the same time share one PING. */
  async health (): Promise<void> {
    this.#ping ??= this.#ask().finally(() => { this.#ping = null })
    await this.#ping
  }

  async #ask (): Promise<void> {
    await this.#guarded(async () => { await this.#redis.ping() })
    await this.#trial.check()
  }

  async close (): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#redis.quit().catch(() => {})
    this.#redis.disconnect()
  }

  async #run (name: keyof Commands, key: string, ...args: (string | number)[]): Promise<unknown> {
    const isProof = PROOFS.has(name)
    try {
      const value = await this.#guarded(async () => await this.#commands[name](inRedis(name, key), ...args))
      if (isProof) this.#trial.noteSuccess()
      return value
    } catch (error) {
      // Redis refused the write. When Redis does not answer, `#noteDown` has noted that.
      if (isProof && isRedisReply((error as Error).cause)) this.#trial.noteFailure((error as Error).cause)
      throw error
    }
  }

  async #claim (key: string, owner: string, fingerprint: string | null, leaseMs: number): Promise<Claimed> {
    return await this.#run('claimKey', key, owner, fingerprint ?? '', leaseMs, SCHEMA_VERSION) as Claimed
  }

  /**
   * Ends a claim without waiting. Redis may have made the claim although no answer came in time. This command follows
   * on the same connection, so Redis ends the claim right after making it. If the command is lost, the lease ends it.
   */
  async #endClaim ({ key, owner }: Claim): Promise<void> {
    await this.#commands.releaseKey(inRedis('releaseKey', key), owner, 0).catch(() => {})
  }

  async #guarded<T> (command: () => Promise<T>): Promise<T> {
    if (this.#isClosed || this.#unfit !== null) throw new StoreUnavailableError(this.#unfit ?? 'the store is closed')
    if (this.#isDown) {
      if (performance.now() < this.#nextTrialAt) throw new StoreUnavailableError('Redis does not answer')
      this.#nextTrialAt = performance.now() + TRIAL_MS
    }
    try {
      const value = await command()
      this.#noteUp()
      return value
    } catch (error) {
      if (!isRedisReply(error)) this.#noteDown(error as Error)
      throw new StoreUnavailableError('Redis refused the command or did not answer', { cause: error })
    }
  }

  #noteDown (error: Error): void {
    this.#nextTrialAt = performance.now() + TRIAL_MS
    if (this.#isDown || this.#isClosed) return
    this.#isDown = true
    this.#log.warn(
      { reason: error.message.slice(0, 200) },
      'the state store does not answer: writes are refused until it does'
    )
  }

  #noteUp (): void {
    if (!this.#isDown) return
    this.#isDown = false
    this.#log.info({}, 'the state store answers again')
  }

  /** Checks version and settings of Redis, after each connection. */
  async #inspect (): Promise<void> {
    let fitness: RedisFitness
    try {
      fitness = await checkRedis(this.#redis)
    } catch (error) {
      if (!isRedisReply(error)) return this.#noteDown(error as Error)
      const { message: reason } = error as Error
      return this.#log.warn({ reason }, 'Redis does not tell its version and settings: they are not checked')
    }
    const { version, unfit, warnings } = fitness
    this.#unfit = unfit
    if (unfit !== null) return this.#log.error({ version, reason: unfit }, 'the state store cannot be used')
    this.#noteUp()
    for (const { facts, message } of warnings) this.#log.warn(facts, message)
  }
}

/** The name of a key in Redis. The braces keep the key and its counter on one node, as a Redis cluster needs. */
function inRedis (name: keyof Commands, key: string): string {
  return `connect-usage-bff:{${key}}:${name === 'hitKey' ? 'hits' : 'once'}`
}
