import type { Socket } from 'node:net'
import { Client, type buildConnector, type Dispatcher } from 'undici'

/** `isOpen`: the call needs a socket. True until undici starts to send the call, or until the call ends. */
export interface SocketRequest {
  isOpen: boolean
  /** Null until undici has chosen a client. */
  client: FrugalClient | null
}

export type DispatchOptions = Dispatcher.DispatchOptions & { readonly socketRequest: SocketRequest }

/**
 * An undici client that connects only while a call needs a socket. undici itself opens a new connection after an
 * aborted request, although no request is left (7.30, `_resume` in lib/dispatcher/client.js).
 */
export class FrugalClient extends Client {
  readonly #requests: Set<SocketRequest>
  #socket: Socket | null = null

  constructor (origin: URL, options: Client.Options, connect: buildConnector.connector) {
    const requests = new Set<SocketRequest>()
    super(origin, {
      ...options,
      connect: (target, callback) => {
        deleteClosed(requests)
        if (requests.size > 0) {
          connect(target, (...result) => {
            this.#socket = result[1]
            callback(...result)
          })
        } else {
          // The error must come after this function has returned: only then undici goes on with its queue.
          queueMicrotask(() => callback(new Error('no call needs this connection'), null))
        }
      }
    })
    this.#requests = requests
  }

  override dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    deleteClosed(this.#requests)
    if (hasSocketRequest(options)) {
      options.socketRequest.client = this
      this.#requests.add(options.socketRequest)
    }
    return super.dispatch(options, handler)
  }

  /**
   * For a socket whose answers are one call late. When a server answers a call twice, and the second answer arrives
   * after the next call was sent, undici takes it for the answer to that next call, and so on.
   */
  destroySocket (): void {
    this.#socket?.destroy()
  }
}

function deleteClosed (requests: Set<SocketRequest>): void {
  for (const request of requests) if (!request.isOpen) requests.delete(request)
}

function hasSocketRequest (options: Dispatcher.DispatchOptions): options is DispatchOptions {
  return 'socketRequest' in options
}

/**
 * Keeps the clients of one pool, so that all can be destroyed. undici's pool forgets a client whose connection attempt
 * failed, but may give that client requests afterwards. The client would then stay open after the pool was destroyed.
 */
export class ClientTracker {
  readonly #clients = new Set<FrugalClient>()
  readonly #forgotten = new WeakSet<FrugalClient>()

  create (origin: URL, options: Client.Options, connect: buildConnector.connector): FrugalClient {
    for (const client of this.#clients) if (this.#isGone(client)) this.#clients.delete(client)
    const client = new FrugalClient(origin, options, connect)
    client.on('connectionError', () => this.#forgotten.add(client))
    this.#clients.add(client)
    return client
  }

  get connected (): number {
    return [...this.#clients].filter((client) => client.stats.connected).length
  }

  async destroy (): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.destroy()))
    this.#clients.clear()
  }

  #isGone (client: FrugalClient): boolean {
    const { connected, size } = client.stats
    return client.destroyed || (this.#forgotten.has(client) && !connected && size === 0)
  }
}
