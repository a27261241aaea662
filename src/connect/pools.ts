import { Agent, Pool, buildConnector } from 'undici'
import type { Dispatcher } from 'undici'
import type { LookupFunction } from 'node:net'
import type { PoolName, PoolStats } from './api.ts'
import { FrugalClient } from './frugal-client.ts'
import { createGate } from './gate.ts'
import type { Gate } from './gate.ts'
import type { Limits, PoolLimits } from './limits.ts'

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
    const pool = frugalPool(origin, { ...clientOptions(kind, limits), maxResponseSize }, { timeout: limits.connectMs })
    const gate = gateFor(kind, limits)
    return {
      gate,
      dispatcher: pool,
      stats: () => ({ connected: pool.stats.connected, running: gate.running, pending: gate.pending }),
      destroy: () => pool.destroy()
    }
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
  const options = clientOptions(limits.storage, limits)
  const agent = (connectOptions: buildConnector.BuildOptions): Agent =>
    new Agent({ factory: (origin) => frugalPool(origin, options, connectOptions) })
  const trusted = agent({ timeout: limits.connectMs })
  const guarded = agent({ timeout: limits.connectMs, lookup })
  const gate = gateFor(limits.storage, limits)
  return {
    gate,
    trusted,
    guarded,
    stats: () => ({
      connected: connectedSockets(trusted) + connectedSockets(guarded), running: gate.running, pending: gate.pending
    }),
    async destroy () { await Promise.all([trusted.destroy(), guarded.destroy()]) }
  }
}

function frugalPool (origin: string | URL, options: Pool.Options, connectOptions: buildConnector.BuildOptions): Pool {
  const connect = buildConnector(connectOptions)
  return new Pool(origin, { ...options, connect, factory: (url, own) => new FrugalClient(url, own, connect) })
}

function connectedSockets (agent: Agent): number {
  return Object.values(agent.stats).reduce((sum, stats) => sum + Number(stats.connected), 0)
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

function gateFor (kind: PoolLimits, limits: Limits): Gate {
  return createGate({
    places: kind.connections,
    maxWaiting: kind.connections * limits.queueFactor,
    maxWaitMs: limits.queueWaitMs
  })
}
