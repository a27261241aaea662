import type { LookupFunction } from 'node:net'
import { Agent, Pool, buildConnector, type Dispatcher } from 'undici'
import { answeringFirst } from './answer-first.ts'
import type { PoolName, PoolStats } from '../api.ts'
import { createClientTracker } from './frugal-client.ts'
import type { ClientTracker } from './frugal-client.ts'
import { createGate } from './gate.ts'
import type { Gate } from './gate.ts'
import type { Limits, PoolLimits } from '../limits.ts'

/** Sockets of one kind of work, and the gate before them: a slow kind cannot starve another. */
export interface Bulkhead {
  readonly gate: Gate
  readonly dispatcher: Dispatcher
  stats (): PoolStats
  destroy (): Promise<void>
}

export interface StorageBulkhead extends Omit<Bulkhead, 'dispatcher'> {
  /** For origins listed in full: any address will do. */
  readonly trusted: Dispatcher
  /** For all others: no private address. */
  readonly guarded: Dispatcher
}

export type Bulkheads = Readonly<Record<Exclude<PoolName, 'storage'>, Bulkhead>> & { readonly storage: StorageBulkhead }

/** The five pools. No socket opens before the first call. */
export function createBulkheads (origin: string, limits: Limits, guardedLookup: LookupFunction): Bulkheads {
  const connectPool = (kind: PoolLimits, maxResponseSize: number): Bulkhead => {
    const clients = createClientTracker()
    const options = { ...clientOptions(kind, limits), maxResponseSize }
    const dispatcher = trackedPool(origin, options, { timeout: limits.connectMs }, clients)
    return { dispatcher, ...managed(kind, limits, clients, [dispatcher]) }
  }
  return {
    jsonRead: connectPool(limits.jsonRead, limits.maxJsonBytes),
    jsonWrite: connectPool(limits.jsonWrite, limits.maxJsonBytes),
    upload: connectPool(limits.upload, limits.maxJsonBytes),
    download: connectPool(limits.download, -1),
    storage: storageBulkhead(limits, guardedLookup)
  }
}

function storageBulkhead (limits: Limits, lookup: LookupFunction): StorageBulkhead {
  const clients = createClientTracker()
  const options = clientOptions(limits.storage, limits)
  const agent = (connectOptions: buildConnector.BuildOptions): Agent =>
    new Agent({ factory: (origin) => trackedPool(origin, options, connectOptions, clients) })
  const trusted = agent({ timeout: limits.connectMs })
  const guarded = agent({ timeout: limits.connectMs, lookup })
  return { trusted, guarded, ...managed(limits.storage, limits, clients, [trusted, guarded]) }
}

function managed (
  kind: PoolLimits, limits: Limits, clients: ClientTracker, dispatchers: readonly Dispatcher[]
): Omit<Bulkhead, 'dispatcher'> {
  const gate = createGate({
    places: kind.connections,
    maxWaiting: kind.connections * limits.queueFactor,
    maxWaitMs: limits.queueWaitMs
  })
  return {
    gate,
    stats: () => ({ connected: clients.connected(), running: gate.running, pending: gate.pending }),
    async destroy () {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()))
      await clients.destroy()
    }
  }
}

function trackedPool (
  origin: string | URL,
  options: Pool.Options,
  connectOptions: buildConnector.BuildOptions,
  clients: ClientTracker
): Pool {
  const connect = answeringFirst(buildConnector(connectOptions))
  return new Pool(origin, { ...options, connect, factory: (url, own) => clients.create(url, own, connect) })
}

function clientOptions (kind: PoolLimits, limits: Limits): Pool.Options {
  return {
    connections: kind.connections,
    // 0 makes undici say `connection: close` and open a socket per request.
    pipelining: kind.isFresh ? 0 : 1,
    headersTimeout: kind.headersMs,
    bodyTimeout: kind.bodyIdleMs,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveMaxTimeout: limits.keepAliveMaxMs,
    maxHeaderSize: limits.maxHeaderBytes
  }
}
