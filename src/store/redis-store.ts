import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { COMMAND_MS, createRedisClient, inRedis, type Commands } from './redis-client.ts'
import { checkRedis, isRedisReply, type RedisFitness } from './redis-fitness.ts'
import { PROOF, WRITES, type Claimed } from './redis-scripts.ts'
import {
  checkSizes, hashed, SCHEMA_VERSION, STORE_TIMES, StoreStartError, StoreUnavailableError,
  type Begun, type Claim, type Hit, type Mark, type StateStore, type StoreLog, type StoreTimes
} from './store.ts'
import { WriteTrial } from './trial.ts'

/** The least time in ms between two commands while Redis does not answer. Other commands fail at once (`#guarded`). */
const TRIAL_MS = 250
const START_MS = 1_000
const TRIAL_KEEP_MS = 1_000

/**
 * Opens the store that several replicas share. The URL is a secret and reaches no log. A Redis that cannot be reached
 * is no error: the store works once it can be reached. Throws StoreStartError for a Redis that cannot be the store.
 */
export async function openRedisStore (
  url: string,
  log: StoreLog,
  { commandMs = COMMAND_MS, ...times }: Partial<StoreTimes> & { commandMs?: number | undefined } = {}
): Promise<StateStore> {
  const redis = createRedisClient(url, commandMs)
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
  /** Why the service cannot use this Redis; null when it can, and while that is not known. */
  #unfit: string | null = null
  #missingRights: readonly string[] = []
  #isClosed = false
  #ping: Promise<void> | null = null

  constructor (redis: Redis, log: StoreLog, times: StoreTimes) {
    this.#redis = redis
    this.#commands = redis as unknown as Commands
    this.#log = log
    this.#times = times
    this.leaseMs = times.leaseMs
    this.#trial = new WriteTrial(async () => { await this.#tryWrite() }, log)
    redis.on('error', (error: Error) => { this.#noteDown(error) })
    redis.on('close', () => { this.#noteDown(new Error('the connection is closed')) })
  }

  /** Throws StoreStartError only for a Redis that is unfit. Other faults are only logged, such as no answer. */
  async start (): Promise<void> {
    await Promise.race([this.#redis.connect().catch(() => {}), sleep(START_MS, undefined, { ref: false })])
    await this.#inspect()
    this.#redis.on('ready', () => { void this.#inspect() })
    if (this.#unfit !== null) throw new StoreStartError(`The state store cannot be used: ${this.#unfit}.`)
    if (!this.#isDown) await this.#trial.check().catch(() => {})
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

  /** Calls at the same time share one check. */
  async health (): Promise<void> {
    this.#ping ??= this.#ask().finally(() => { this.#ping = null })
    await this.#ping
  }

  /** The rights are a check of their own, because a trial write does not need all of them. */
  async #ask (): Promise<void> {
    await this.#guarded(async () => { await this.#redis.ping() })
    if (this.#missingRights.length > 0) await this.#inspect()
    if (this.#missingRights.length > 0) throw new StoreUnavailableError('the user of Redis lacks rights')
    await this.#trial.check()
  }

  async close (): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#redis.quit().catch(() => {})
    this.#redis.disconnect()
  }

  async #run (name: keyof Commands, key: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      const value = await this.#guarded(async () => await this.#commands[name](inRedis(name, key), ...args))
      if (name === PROOF) this.#trial.noteSuccess()
      return value
    } catch (error) {
      // Counts refusals by Redis only: `#guarded` has noted a Redis that does not answer.
      if (WRITES.has(name) && isRedisReply((error as Error).cause)) this.#trial.noteFailure((error as Error).cause)
      throw error
    }
  }

  async #claim (key: string, owner: string, fingerprint: string | null, leaseMs: number): Promise<Claimed> {
    return await this.#run('claimKey', key, owner, fingerprint ?? '', leaseMs, SCHEMA_VERSION) as Claimed
  }

  /** Makes all steps of a write, with a key that nothing else uses. */
  async #tryWrite (): Promise<void> {
    const [key, owner] = [hashed(randomUUID()), randomUUID()]
    const [, fence = ''] = await this.#claim(key, owner, null, TRIAL_KEEP_MS)
    await this.#run('renewKey', key, owner, fence, TRIAL_KEEP_MS)
    await this.#run('markKey', key, owner, fence, 'ran', '', '', TRIAL_KEEP_MS)
    await this.#run('completeKey', key, owner, fence, '', '', TRIAL_KEEP_MS)
  }

  /**
   * Ends a claim as if the request did nothing. Also for a claim that got no answer, because Redis may have made it. A
   * failure is ignored: then the claim ends with its lease.
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
      isRedisReply(error)
        ? 'the state store refuses the connection: writes are refused until it takes one'
        : 'the state store does not answer: writes are refused until it does'
    )
  }

  #noteUp (): void {
    if (!this.#isDown) return
    this.#isDown = false
    this.#log.info({}, 'the state store answers again')
  }

  /** Runs after each connection, and again for `health` while rights are missing. Does not reject. */
  async #inspect (): Promise<void> {
    let fitness: RedisFitness
    try {
      fitness = await checkRedis(this.#redis, inRedis('claimKey', hashed(randomUUID())))
    } catch (error) {
      return this.#noteDown(error as Error)
    }
    const { version, unfit, warnings, missingRights } = fitness
    this.#unfit = unfit
    if (unfit !== null) return this.#log.error({ version, reason: unfit }, 'the state store cannot be used')
    this.#noteUp()
    // While rights are missing they are checked again and again, but only a change of them is logged.
    if (missingRights.join() === this.#missingRights.join() && missingRights.length > 0) return
    this.#missingRights = missingRights
    if (missingRights.length > 0) {
      this.#log.error({ missingRights }, 'the user of STORE_URL lacks rights in Redis that the service needs')
    }
    for (const { facts, message } of warnings) this.#log.warn(facts, message)
  }
}
