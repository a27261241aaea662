import { Readable } from 'node:stream'
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { createRateWatch } from '../../limits/minimum-rate.ts'
import { ZIP_START } from '../../media-types.ts'
import { freeBuffers } from '../../limits/garbage.ts'
import { ConnectBadPayloadError, ConnectBodyError, ConnectTimeoutError } from '../errors.ts'
import type { CallTarget, ConnectError, Progress } from '../errors.ts'
import type { MeasuredBody } from '../upload-body.ts'
import type { Deadline } from './deadline.ts'
import { classifyFailure } from './failures.ts'
import type { DispatchOptions, SocketRequest } from './frugal-client.ts'

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher
  readonly target: CallTarget
  readonly request: Dispatcher.DispatchOptions
  readonly deadline: Deadline
  /** For an upload only: the body whose `stream` is `request.body`. */
  readonly body?: MeasuredBody | undefined
  /** Whether a response with this status becomes a stream. Other bodies are collected. */
  readonly isStreamed: (status: number) => boolean
  /** The most bytes of a collected body. A larger body gives ConnectBadPayloadError. */
  readonly maxBytes: number
  readonly rateCheckMs: number
  /** Called once, when the socket is free or closed: for a stream, often after the response was given. */
  readonly onDone: () => void
}

/** By lower-case name. Values of a header that came several times are joined by commas (RFC 9110, 5.2). */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>

export interface ConnectResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  /** A stream (an empty Buffer if fewer than four bytes came), or the collected bytes. */
  readonly body: Buffer | Readable
  readonly progress: Progress
  readonly socketRequest: SocketRequest
}

/**
 * Sends one request over one socket. Rejects with a ConnectError, or with a TypeError for arguments that undici
 * refuses. `dispatch` and a collecting handler take 10 to 25 % less CPU than undici's `request()`.
 */
export function exchange (options: ExchangeOptions): Promise<ConnectResponse> {
  return new Promise((resolve, reject) => {
    const { deadline, target, body } = options
    const handler = new ResponseHandler(options, resolve, reject)
    deadline.onEnd(() => handler.cancel(deadline.error(target, handler.progress())))
    body?.onTrouble((trouble) => handler.cancel(handler.bodyError(trouble)))
    const request: DispatchOptions = { ...options.request, socketRequest: handler.socketRequest }
    options.dispatcher.dispatch(request, handler)
  })
}

class ResponseHandler implements Dispatcher.DispatchHandler {
  readonly socketRequest: SocketRequest = { isOpen: true, client: null }
  readonly #options: ExchangeOptions
  readonly #resolve: (response: ConnectResponse) => void
  readonly #reject: (error: Error) => void
  readonly #isTooSlow: (waitedMs: number, bytes: number) => boolean
  #controller: Dispatcher.DispatchController | null = null
  #status: number | null = null
  #headers: ResponseHeaders = {}
  #chunks: Buffer[] = []
  #bytes = 0
  #waitingSince = 0
  #isPaused = false
  #stream: Readable | null = null
  /** True once the calling function has the response with the stream. */
  #isHandedOver = false
  #cancelledWith: ConnectError | null = null
  #isDone = false

  constructor (options: ExchangeOptions, resolve: (response: ConnectResponse) => void, reject: (error: Error) => void) {
    this.#options = options
    this.#isTooSlow = createRateWatch(options.rateCheckMs)
    this.#resolve = resolve
    this.#reject = reject
  }

  progress (): Progress {
    const { body } = this.#options
    const hasStarted = this.#controller !== null && (body === undefined || body.bytes > 0)
    return {
      sent: this.#status !== null ? 'yes' : hasStarted ? 'maybe' : 'no',
      bodyComplete: body === undefined ? hasStarted : body.isComplete,
      status: this.#status
    }
  }

  bodyError (trouble: 'failed' | 'silent'): ConnectError {
    const { body, target } = this.#options
    if (trouble === 'silent') return new ConnectTimeoutError(target, this.progress(), 'upload')
    return new ConnectBodyError(target, this.progress(), body?.failure?.reason ?? 'source-failed', body?.failure?.cause)
  }

  /**
   * Rejects the promise, or destroys the stream that was given. undici gives no controller before the request has a
   * socket: until then the promise is rejected at once, and `onRequestStart` aborts the request if it still begins.
   */
  cancel (error: ConnectError): void {
    if (this.#isDone || this.#cancelledWith !== null) return
    this.#cancelledWith = error
    this.socketRequest.isOpen = false
    if (this.#controller !== null) this.#controller.abort(error)
    else this.#reject(error)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.socketRequest.isOpen = false
    if (this.#cancelledWith !== null) controller.abort(this.#cancelledWith)
    else this.#controller = controller
  }

  onResponseStart (controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = joined(headers)
    this.#waitingSince = performance.now()
    if (!this.#options.isStreamed(status)) return
    this.#stream = new Readable({
      highWaterMark: 64 * 1024,
      read: () => {
        if (!this.#isPaused) return
        this.#isPaused = false
        this.#waitingSince = performance.now()
        controller.resume()
      },
      destroy: (error, done) => {
        // While the exchange runs, only the code that got the stream destroys it. Then the request ends, too.
        if (!this.#isDone) controller.abort(error ?? new Error('the reader closed the stream'))
        done(error)
      }
    })
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const now = performance.now()
    const isTooSlow = this.#isTooSlow(now - this.#waitingSince, chunk.byteLength)
    this.#waitingSince = now
    if (this.#stream !== null) this.#push(controller, this.#stream, chunk)
    else this.#collect(chunk)
    if (isTooSlow) this.cancel(new ConnectTimeoutError(this.#options.target, this.progress(), 'body'))
  }

  onResponseEnd (): void {
    const progress = this.progress()
    this.#finish()
    if (this.#isHandedOver) {
      this.#stream?.push(null)
      return
    }
    const [first] = this.#chunks
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#bytes)
    this.#respond(body, progress)
  }

  onResponseError (_controller: unknown, cause: unknown): void {
    const error = this.#errorFor(cause)
    this.#finish()
    this.#reject(error)
    // A stream that was not handed over has no listener for errors, and an error would end the process.
    if (this.#isHandedOver) this.#stream?.destroy(error)
    else this.#stream?.destroy()
  }

  #push (controller: Dispatcher.DispatchController, stream: Readable, chunk: Buffer): void {
    this.#isPaused = !stream.push(chunk)
    freeBuffers(chunk.byteLength)
    if (this.#isPaused) controller.pause()
    if (this.#isHandedOver || stream.readableLength < ZIP_START.length) return
    // The response waits for the four bytes that show whether the body is a workbook.
    this.#isHandedOver = true
    this.#respond(stream, this.progress())
  }

  #collect (chunk: Buffer): void {
    this.#bytes += chunk.byteLength
    if (this.#bytes > this.#options.maxBytes) {
      this.cancel(new ConnectBadPayloadError(this.#options.target, this.progress(), 'too-large'))
    } else {
      this.#chunks.push(chunk)
    }
  }

  #respond (body: Buffer | Readable, progress: Progress): void {
    const { socketRequest } = this
    this.#resolve({ status: progress.status ?? 0, headers: this.#headers, body, progress, socketRequest })
  }

  #errorFor (cause: unknown): Error {
    if (this.#cancelledWith !== null) return this.#cancelledWith
    if (this.#options.body?.failure != null) return this.bodyError('failed')
    return classifyFailure(cause, this.#options.target, this.progress())
  }

  #finish (): void {
    if (this.#isDone) return
    this.#isDone = true
    this.socketRequest.isOpen = false
    this.#options.deadline.onEnd(null)
    this.#options.onDone()
  }
}

function joined (headers: IncomingHttpHeaders): ResponseHeaders {
  const texts: Record<string, string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    texts[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return texts
}
