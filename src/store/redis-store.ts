import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { isAnswer, whyUnfit } from './redis-fitness.ts'
import { PROOFS, SCRIPTS, type Claimed } from './redis-scripts.ts'
import {
  checkSizes, hashed, SCHEMA_VERSION, STORE_TIMES, StoreStartError, StoreUnavailableError,
  type Begun, type Claim, type Hit, type Mark, type StateStore, type StoreLog, type StoreTimes
} from './store.ts'
import { WriteTrial } from './trial.ts'

const CONNECT_MS = 300
/**
 * Less than the counters of rate limits wait (src/limits): who is counted first hears here at once that Redis is away.
 */
const COMMAND_MS = 230
/** Without a word from Redis for so long the connection is given up: a dead network is not waited for. */
const SILENCE_MS = 2_000
/** While Redis does not answer, one command in so long finds out whether it does again; the others fail at once. */
const TRIAL_MS = 250
const START_MS = 1_000
/** A trial claims a key of its own for so long. */
const TRIAL_LEASE_MS = 1_000

/** Commands of our own, by the names of their scripts; the first argument is the key. */
type Commands = Readonly<Record<keyof typeof SCRIPTS, (key: string, ...args: (string | number)[]) => Promise<unknown>>>

/**
 * Opens the store of several replicas. Takes a `redis://` or `rediss://` URL, which reaches no log. Starts without
 * Redis, too, and works as soon as it is there; throws StoreStartError when it is there and not fit.
 */
export async function openRedisStore (
  url: string,
  log: StoreLog,
  times: Partial<StoreTimes> = {}
): Promise<StateStore> {
  const redis = new Redis(url, {
    lazyConnect: true,
    scripts: SCRIPTS,
    // Nothing waits and nothing is sent twice: who asks hears at once that there is no answer.
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
  /** Why this Redis is not to be used, whatever it answers. */
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

  /** Waits a moment for the connection, so that what is wrong with it is said at the start. */
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
      void this.#giveUp({ key, owner, fence: 0 })
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
    return (
      (await this.#run(
        'markKey',
        claim.key,
        claim.owner,
        claim.fence,
        as,
        fingerprint,
        note ?? '',
        this.#times.keepMs
      )) === 1
    )
  }

  async complete (claim: Claim, fingerprint: string, answer: string): Promise<boolean> {
    checkSizes({ answer })
    return (
      (await this.#run('completeKey', claim.key, claim.owner, claim.fence, fingerprint, answer, this.#times.keepMs)) ===
      1
    )
  }

  async release (claim: Claim, mayHaveActed: boolean): Promise<void> {
    if (mayHaveActed) await this.#run('releaseKey', claim.key, claim.owner, 1)
    else if (this.#isDown) void this.#giveUp(claim)
    else await this.#giveUp(claim)
  }

  async hit (key: string, windowMs: number, cost = 1): Promise<Hit> {
    const [count = 0, resetMs = 0] = await this.#run('hitKey', hashed(key), cost, windowMs) as number[]
    return { count, resetMs }
  }

  /** One question for all who ask at the same time. */
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
      // Redis answered, and did not do it. Where it does not answer that is known otherwise.
      if (isProof && isAnswer((error as Error).cause)) this.#trial.noteFailure((error as Error).cause)
      throw error
    }
  }

  async #claim (key: string, owner: string, fingerprint: string | null, leaseMs: number): Promise<Claimed> {
    return await this.#run('claimKey', key, owner, fingerprint ?? '', leaseMs, SCHEMA_VERSION) as Claimed
  }

  /**
   * Behind everything that was sent before, which may have been carried out although no answer came in time: what
   * Redis finds when it goes on is a claim and its end. Where it is lost, the lease ends the claim.
   */
  async #giveUp ({ key, owner }: Claim): Promise<void> {
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
      if (!isAnswer(error)) this.#noteDown(error as Error)
      throw new StoreUnavailableError('Redis does not do it', { cause: error })
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

  /** Looks at what answers, after every connection. */
  async #inspect (): Promise<void> {
    let text: string
    try {
      text = await this.#redis.info()
    } catch (error) {
      if (!isAnswer(error)) return this.#noteDown(error as Error)
      const { message: reason } = error as Error
      return this.#log.warn({ reason }, 'Redis does not tell its version and settings: they are not checked')
    }
    const facts = new Map(
      text
        .split('\r\n')
        .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
    )
    const version = facts.get('redis_version') ?? ''
    this.#unfit = whyUnfit(version, facts.get('cluster_enabled'))
    if (this.#unfit !== null) return this.#log.error({ version, reason: this.#unfit }, 'the state store cannot be used')
    this.#noteUp()
    const policy = facts.get('maxmemory_policy')
    if (policy !== undefined && policy !== 'noeviction') {
      this.#log.warn(
        { policy },
        'Redis may drop what is still needed when it is full: set maxmemory-policy to noeviction'
      )
    }
    if (facts.get('aof_enabled') === '0') {
      return this.#log.warn({}, 'Redis forgets its last writes in a crash: set appendonly to yes')
    }
    const appendfsync = await this.#appendfsync()
    if (appendfsync !== null && appendfsync !== 'always') {
      this.#log.warn(
        { appendfsync },
        'Redis confirms writes before it keeps them, and forgets them in a crash: set appendfsync to always'
      )
    }
  }

  /** Null where Redis does not tell: services that run it for others tend to forbid the question. */
  async #appendfsync (): Promise<string | null> {
    try {
      const [, value] = await this.#redis.call('CONFIG', 'GET', 'appendfsync') as unknown[]
      return typeof value === 'string' ? value : null
    } catch {
      return null
    }
  }
}

/** Hash tags keep what belongs together on one node of a cluster, should there ever be one. */
function inRedis (name: keyof Commands, key: string): string {
  return `connect-usage-bff:{${key}}:${name === 'hitKey' ? 'hits' : 'once'}`
}
