import type * as undici from 'undici'
import { Client } from './undici.ts'

/** A call's need of a socket: open from its dispatch until it starts to be sent or is given up. */
export interface Ask {
  isOpen: boolean
}

/** Dispatch options that carry their ask; undici hands them on untouched. */
export type AskingOptions = undici.Dispatcher.DispatchOptions & { readonly ask: Ask }

/**
 * A client that connects for somebody only. After an aborted request undici opens a new connection, just to find that
 * nothing is left to send over it (7.30, `_resume` in lib/dispatcher/client.js), and keeps it until it idles out.
 */
export class FrugalClient extends Client {
  readonly #asks: Set<Ask>

  constructor (origin: URL, options: undici.Client.Options, connect: undici.buildConnector.connector) {
    const asks = new Set<Ask>()
    super(origin, {
      ...options,
      connect: (target, callback) => {
        for (const ask of asks) if (!ask.isOpen) asks.delete(ask)
        if (asks.size > 0) connect(target, callback)
        // Not at once: undici's queue moves on only when the refusal comes from outside its own loop.
        else queueMicrotask(() => callback(new Error('nobody waits for this connection'), null))
      }
    })
    this.#asks = asks
  }

  override dispatch (options: undici.Dispatcher.DispatchOptions, handler: undici.Dispatcher.DispatchHandler): boolean {
    for (const ask of this.#asks) if (!ask.isOpen) this.#asks.delete(ask)
    if (isAsking(options)) this.#asks.add(options.ask)
    return super.dispatch(options, handler)
  }
}

function isAsking (options: undici.Dispatcher.DispatchOptions): options is AskingOptions {
  return 'ask' in options
}

/** All clients of one bulkhead, and with them all its sockets. */
export interface ClientTracker {
  create (origin: URL, options: undici.Client.Options, connect: undici.buildConnector.connector): FrugalClient
  connected (): number
  destroy (): Promise<void>
}

/**
 * undici's pool forgets a client whose connection attempt failed, yet may hand it waiting requests afterwards; such a
 * client would outlive the pool with an idle socket. So we keep count ourselves.
 */
export function createClientTracker (): ClientTracker {
  const clients = new Set<FrugalClient>()
  const forgotten = new WeakSet<FrugalClient>()

  const isGone = (client: FrugalClient): boolean => {
    const { connected, size } = client.stats
    return client.destroyed || (forgotten.has(client) && !connected && size === 0)
  }
  return {
    create (origin, options, connect) {
      for (const client of clients) if (isGone(client)) clients.delete(client)
      const client = new FrugalClient(origin, options, connect)
      client.on('connectionError', () => forgotten.add(client))
      clients.add(client)
      return client
    },
    connected: () => [...clients].filter((client) => client.stats.connected).length,
    async destroy () {
      await Promise.all([...clients].map((client) => client.destroy()))
      clients.clear()
    }
  }
}
