import type { LookupFunction } from 'node:net'
import { Agent, Pool, buildConnector, type Dispatcher } from 'undici'
import { Semaphore } from '../../limits/semaphore.ts'
import type { PoolName, PoolStats } from '../api.ts'
import type { Limits, PoolLimits } from '../limits.ts'
import { answeringFirst } from './answer-first.ts'
import { ClientTracker } from './frugal-client.ts'

/** Each kind of calls has its own sockets, so that a slow kind cannot take those of another. */
export interface ConnectPool {
  /** Calls wait here for a slot, because the queue of undici has no limit. */
  readonly semaphore: Semaphore
  readonly dispatcher: Dispatcher
  stats (): PoolStats
  destroy (): Promise<void>
}

export interface StoragePool extends Omit<ConnectPool, 'dispatcher'> {
  /** For origins that STORAGE_HOSTS lists in full: connects to any address. */
  readonly trusted: Dispatcher
  /** For all other storage hosts: connects to public addresses only. */
  readonly guarded: Dispatcher
}

export type Pools = Readonly<Record<Exclude<PoolName, 'storage'>, ConnectPool>> & { readonly storage: StoragePool }

export function createPools (origin: string, limits: Limits, guardedLookup: LookupFunction): Pools {
  const connectPool = (kind: PoolLimits, maxResponseSize: number): ConnectPool => {
    const clients = new ClientTracker()
    const options = { ...clientOptions(kind, limits), maxResponseSize }
    const dispatcher = trackedPool(origin, options, { timeout: limits.connectMs }, clients)
    return { dispatcher, ...managed(kind, limits, clients, [dispatcher]) }
  }
  return {
    jsonRead: connectPool(limits.jsonRead, limits.maxJsonBytes),
    jsonWrite: connectPool(limits.jsonWrite, limits.maxJsonBytes),
    upload: connectPool(limits.upload, limits.maxJsonBytes),
    download: connectPool(limits.download, -1),
    storage: storagePool(limits, guardedLookup)
  }
}

function storagePool (limits: Limits, lookup: LookupFunction): StoragePool {
  const clients = new ClientTracker()
  const options = clientOptions(limits.storage, limits)
  const agent = (connectOptions: buildConnector.BuildOptions): Agent =>
    new Agent({ factory: (origin) => trackedPool(origin, options, connectOptions, clients) })
  const trusted = agent({ timeout: limits.connectMs })
  const guarded = agent({ timeout: limits.connectMs, lookup })
  return { trusted, guarded, ...managed(limits.storage, limits, clients, [trusted, guarded]) }
}

function managed (
  kind: PoolLimits, limits: Limits, clients: ClientTracker, dispatchers: readonly Dispatcher[]
): Omit<ConnectPool, 'dispatcher'> {
  const semaphore = new Semaphore({
    slots: kind.connections,
    maxWaiting: kind.connections * limits.queueFactor,
    maxWaitMs: limits.queueWaitMs
  })
  return {
    semaphore,
    stats: () => ({ connected: clients.connected, running: semaphore.held, pending: semaphore.waiting }),
    async destroy () {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()))
      await clients.destroy()
    }
  }
}

function trackedPool (
  origin: string | URL, options: Pool.Options, connectOptions: buildConnector.BuildOptions, clients: ClientTracker
): Pool {
  const connect = answeringFirst(buildConnector(connectOptions))
  return new Pool(origin, { ...options, connect, factory: (url, own) => clients.create(url, own, connect) })
}

function clientOptions (kind: PoolLimits, limits: Limits): Pool.Options {
  return {
    connections: kind.connections,
    // With `pipelining: 0` undici sends `connection: close` and opens a socket for each request.
    pipelining: kind.isFresh ? 0 : 1,
    headersTimeout: kind.headersMs,
    bodyTimeout: kind.bodyIdleMs,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveMaxTimeout: limits.keepAliveMaxMs,
    maxHeaderSize: limits.maxHeaderBytes
  }
}
