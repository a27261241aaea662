import { Agent, Pool, buildConnector } from 'undici'
import type { Dispatcher } from 'undici'
import type { LookupFunction } from 'node:net'
import type { PoolName, PoolStats } from './api.ts'
import { createGate } from './gate.ts'
import type { Gate } from './gate.ts'
import type { Limits, PoolLimits } from './limits.ts'

/** Calls that have been handed to undici and have neither got a socket nor been given up. */
export interface Demand {
  calls: number
}

/** Sockets of one kind of work, and the gate before them: a slow kind cannot starve another. */
export interface Bulkhead {
  readonly gate: Gate
  readonly demand: Demand
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
    const demand: Demand = { calls: 0 }
    const connect = connectorFor(demand, { timeout: limits.connectMs })
    const pool = new Pool(origin, { ...clientOptions(kind, limits), maxResponseSize, connect })
    const gate = gateFor(kind, limits)
    return {
      gate,
      demand,
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
  const demand: Demand = { calls: 0 }
  const trusted = new Agent({ ...options, connect: connectorFor(demand, { timeout: limits.connectMs }) })
  const guarded = new Agent({ ...options, connect: connectorFor(demand, { timeout: limits.connectMs, lookup }) })
  const gate = gateFor(limits.storage, limits)
  return {
    gate,
    demand,
    trusted,
    guarded,
    stats: () => ({
      connected: connectedSockets(trusted) + connectedSockets(guarded), running: gate.running, pending: gate.pending
    }),
    async destroy () { await Promise.all([trusted.destroy(), guarded.destroy()]) }
  }
}

/**
 * After an aborted request undici opens a new connection only to find that there is nothing left to send over it
 * (7.30, `_resume` in lib/dispatcher/client.js). This one refuses to connect for nobody.
 */
function connectorFor (demand: Demand, options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options)
  return (target, callback) => {
    if (demand.calls > 0) connect(target, callback)
    else queueMicrotask(() => callback(new Error('nobody waits for this connection'), null))
  }
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
