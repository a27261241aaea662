import type { Socket } from 'node:net'
import { Client, type buildConnector, type Dispatcher } from 'undici'

/** A call's need of a socket: open from its dispatch until it starts to be sent or is given up. */
export interface Ask {
  isOpen: boolean
  /** The client that sends the call, once there is one. */
  client: FrugalClient | null
}

/** Dispatch options that carry their ask; undici hands them on untouched. */
export type AskingOptions = Dispatcher.DispatchOptions & { readonly ask: Ask }

/**
 * A client that connects for somebody only. After an aborted request undici opens a new connection, just to find that
 * nothing is left to send over it (7.30, `_resume` in lib/dispatcher/client.js), and keeps it until it idles out.
 */
export class FrugalClient extends Client {
  readonly #asks: Set<Ask>
  #socket: Socket | null = null

  constructor (origin: URL, options: Client.Options, connect: buildConnector.connector) {
    const asks = new Set<Ask>()
    super(origin, {
      ...options,
      connect: (target, callback) => {
        for (const ask of asks) if (!ask.isOpen) asks.delete(ask)
        if (asks.size > 0) {
          connect(target, (...result) => {
            this.#socket = result[1]
            callback(...result)
          })
        } else {
          // Not at once: undici's queue moves on only when the refusal comes from outside its own loop.
          queueMicrotask(() => callback(new Error('nobody waits for this connection'), null))
        }
      }
    })
    this.#asks = asks
  }

  override dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    for (const ask of this.#asks) if (!ask.isOpen) this.#asks.delete(ask)
    if (isAsking(options)) {
      options.ask.client = this
      this.#asks.add(options.ask)
    }
    return super.dispatch(options, handler)
  }

  /**
   * Ends the socket of the last call: it is out of step. Where a server answers a call twice and the second answer
   * comes after the next call was sent, it is taken for the answer to that one, and so on for every later call. (Bytes
   * that come while nothing is asked end the socket by undici's own doing.)
   */
  endSocket (): void {
    this.#socket?.destroy()
  }
}

function isAsking (options: Dispatcher.DispatchOptions): options is AskingOptions {
  return 'ask' in options
}

/** All clients of one bulkhead, and with them all its sockets. */
export interface ClientTracker {
  create (origin: URL, options: Client.Options, connect: buildConnector.connector): FrugalClient
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
