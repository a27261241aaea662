import { Readable } from 'node:stream'
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { createDripWatch } from '../../limits/minimum-rate.ts'
import { ConnectBadPayloadError, ConnectBodyError, ConnectTimeoutError } from '../errors.ts'
import type { CallTarget, ConnectError, Progress } from '../errors.ts'
import { classifyFailure } from './failures.ts'
import type { Ask, AskingOptions } from './frugal-client.ts'
import type { Scope } from './deadline.ts'
import type { MeasuredBody } from '../upload-body.ts'

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher
  readonly target: CallTarget
  readonly request: Dispatcher.DispatchOptions
  readonly scope: Scope
  /** Set for uploads: `request.body` is its stream. */
  readonly body?: MeasuredBody | undefined
  /** True for a status whose body is handed over as a stream instead of being collected. */
  readonly streams: (status: number) => boolean
  /** Of a collected body. */
  readonly maxBytes: number
  readonly dripMs: number
  /** The socket is free or gone; for streams long after the answer was given. */
  readonly onDone: () => void
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** A stream for a status that `streams` names, else the collected bytes. */
  readonly body: Buffer | Readable
  readonly progress: Progress
  /** Knows the client that it came by. */
  readonly ask: Ask
}

/**
 * One request and its answer over one socket, by `dispatch`: collecting in the handler costs a tenth to a quarter less
 * CPU than `request()` with its body stream. Every way out ends the socket or frees it, and names the fault.
 */
export function exchange (options: ExchangeOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const handler = new AnswerHandler(options, resolve, reject)
    options.scope.onEnd(() => handler.cancel(options.scope.failure(options.target, handler.progress())))
    options.body?.onTrouble((trouble) => handler.cancel(handler.bodyError(trouble)))
    const request: AskingOptions = { ...options.request, ask: handler.ask }
    options.dispatcher.dispatch(request, handler)
  })
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly ask: Ask = { isOpen: true, client: null }
  readonly #options: ExchangeOptions
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: Error) => void
  #controller: Dispatcher.DispatchController | null = null
  #status: number | null = null
  #headers: IncomingHttpHeaders = {}
  #chunks: Buffer[] = []
  #bytes = 0
  readonly #drips: (waitedMs: number, bytes: number) => boolean
  #askedAt = 0
  #isPaused = false
  #stream: Readable | null = null
  #cancelled: ConnectError | null = null
  #isDone = false
  #isOpened = false

  constructor (options: ExchangeOptions, resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    this.#options = options
    this.#drips = createDripWatch(options.dripMs)
    this.#resolve = resolve
    this.#reject = reject
  }

  progress (): Progress {
    const { body } = this.#options
    const hasLeft = this.#controller !== null && (body === undefined || body.bytes > 0)
    return {
      sent: this.#status !== null ? 'yes' : hasLeft ? 'maybe' : 'no',
      bodyComplete: body === undefined ? hasLeft : body.isComplete,
      status: this.#status
    }
  }

  bodyError (trouble: 'failed' | 'silent'): ConnectError {
    const { body, target } = this.#options
    if (trouble === 'silent') return new ConnectTimeoutError(target, this.progress(), 'upload')
    return new ConnectBodyError(target, this.progress(), body?.failure?.reason ?? 'source-failed', body?.failure?.cause)
  }

  /** Ends the exchange with this error. Before the request has a socket undici cannot be told; it is on getting one. */
  cancel (error: ConnectError): void {
    if (this.#isDone || this.#cancelled !== null) return
    this.#cancelled = error
    this.ask.isOpen = false
    if (this.#controller !== null) this.#controller.abort(error)
    else this.#reject(error)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.ask.isOpen = false
    if (this.#cancelled !== null) controller.abort(this.#cancelled)
    else this.#controller = controller
  }

  onResponseStart (controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#askedAt = performance.now()
    if (!this.#options.streams(status)) return
    this.#stream = new Readable({
      highWaterMark: 64 * 1024,
      read: () => {
        if (!this.#isPaused) return
        this.#isPaused = false
        this.#askedAt = performance.now()
        controller.resume()
      },
      destroy: (error, done) => {
        // A reader that lost interest, unless the end or the fault came from upstream.
        if (!this.#isDone) controller.abort(error ?? new Error('the reader left'))
        done(error)
      }
    })
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const now = performance.now()
    const isDripping = this.#drips(now - this.#askedAt, chunk.byteLength)
    this.#askedAt = now
    if (this.#stream !== null) this.#pass(controller, this.#stream, chunk)
    else this.#collect(chunk)
    if (isDripping) this.cancel(new ConnectTimeoutError(this.#options.target, this.progress(), 'body'))
  }

  #pass (controller: Dispatcher.DispatchController, stream: Readable, chunk: Buffer): void {
    this.#isPaused = !stream.push(chunk)
    if (this.#isPaused) controller.pause()
    if (this.#isOpened) return
    // With the first bytes and not before: a body without any, or one that fails before them, is no file.
    this.#isOpened = true
    const [status, progress] = [this.#status ?? 0, this.progress()]
    this.#resolve({ status, headers: this.#headers, body: stream, progress, ask: this.ask })
  }

  #collect (chunk: Buffer): void {
    this.#bytes += chunk.byteLength
    if (this.#bytes > this.#options.maxBytes) {
      this.cancel(new ConnectBadPayloadError(this.#options.target, this.progress(), 'too-large'))
    } else {
      this.#chunks.push(chunk)
    }
  }

  onResponseEnd (): void {
    const progress = this.progress()
    this.#finish()
    if (this.#isOpened) {
      this.#stream?.push(null)
      return
    }
    const [first] = this.#chunks
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#bytes)
    this.#resolve({ status: progress.status ?? 0, headers: this.#headers, body, progress, ask: this.ask })
  }

  onResponseError (_controller: unknown, cause: unknown): void {
    const error = this.#errorFor(cause)
    this.#finish()
    this.#reject(error)
    // Before its first bytes nobody holds the stream: an error of it would have no listener and end the process.
    if (this.#isOpened) this.#stream?.destroy(error)
    else this.#stream?.destroy()
  }

  #errorFor (cause: unknown): Error {
    if (this.#cancelled !== null) return this.#cancelled
    if (this.#options.body?.failure != null) return this.bodyError('failed')
    return classifyFailure(cause, this.#options.target, this.progress())
  }

  #finish (): void {
    if (this.#isDone) return
    this.#isDone = true
    this.ask.isOpen = false
    this.#options.scope.onEnd(null)
    this.#options.onDone()
  }
}
