import { blobOf, type Body } from './bodies.ts'
import { readError } from './errors.ts'
import { CallerError } from './retries.ts'

export interface Progress {
  sentBytes: number
  /** The number of bytes of the body; null for rows that are sent as they are read. */
  totalBytes: number | null
}

export interface RawRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: Body | undefined
  /** `sentBytes` counts in Node.js the bytes that `fetch` has taken, in a browser those that were sent. */
  onProgress?: ((progress: Progress) => void) | undefined
  signal?: AbortSignal | undefined
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>

// Where XMLHttpRequest exists, the client is in a browser. Not every browser can send a stream while it is read.
declare const XMLHttpRequest: (new () => ProgressRequest) | undefined

/**
 * Gives the answer when its head is there; in a browser with a body and `onProgress`, when the whole answer is there.
 * Throws `UsageApiError` when the answer is no success, CallerError when the rows of the body failed, and the errors of
 * `fetch`.
 */
export async function send (fetch: Fetch, request: RawRequest): Promise<Response> {
  const response = await sendBody(fetch, request)
  if (!response.ok) throw await readError(response)
  return response
}

async function sendBody (fetch: Fetch, { body, onProgress, ...request }: RawRequest): Promise<Response> {
  const { method, url, signal } = request
  const headers = body === undefined ? request.headers : { ...request.headers, 'content-type': body.contentType }
  const init: RequestInit = { method, headers, ...(signal !== undefined && { signal }) }
  if (body === undefined) return await fetch(url, init)
  if (typeof XMLHttpRequest !== 'undefined') {
    const content = await blobOf(body.content)
    if (onProgress !== undefined) return await sendWithProgress({ ...request, headers }, content, onProgress)
    return await fetch(url, { ...init, body: content })
  }
  if (body.content instanceof Blob && onProgress === undefined) return await fetch(url, { ...init, body: body.content })
  return await sendStream(fetch, url, { ...init, headers }, body.content, onProgress ?? (() => {}))
}

/** A body of known length is sent with its length. So the service can pass a workbook on while it arrives. */
async function sendStream (
  fetch: Fetch, url: string, init: RequestInit & { headers: Record<string, string> }, content: Body['content'],
  onProgress: (progress: Progress) => void
): Promise<Response> {
  const totalBytes = content instanceof Blob ? content.size : null
  if (totalBytes !== null) init.headers['content-length'] = String(totalBytes)
  let sourceError: unknown
  const pieces = (content instanceof Blob ? piecesOf(content.stream()) : content)[Symbol.asyncIterator]()
  let sentBytes = 0
  const body = new ReadableStream<Uint8Array>({
    async pull (controller) {
      try {
        const { value, done } = await pieces.next()
        onProgress({ sentBytes, totalBytes })
        if (done === true) return controller.close()
        sentBytes += value.byteLength
        controller.enqueue(value)
      } catch (error) {
        sourceError = error
        controller.error(error)
      }
    },
    async cancel () { await pieces.return?.() }
  }, { highWaterMark: 0 })
  try {
    return await fetch(url, { ...init, body, duplex: 'half' } as RequestInit)
  } catch (error) {
    throw sourceError instanceof CallerError ? sourceError : error
  }
}

/** Yields the pieces of a stream, which some browsers cannot iterate. Cancels the stream if the reader stops early. */
export async function * piecesOf (
  stream: ReadableStream<Uint8Array<ArrayBuffer>>
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** The part of XMLHttpRequest that the client uses. Node.js has no types for it. */
interface ProgressRequest {
  open: (method: string, url: string) => void
  setRequestHeader: (name: string, value: string) => void
  send: (body: Blob) => void
  abort: () => void
  getAllResponseHeaders: () => string
  responseType: string
  response: unknown
  status: number
  upload: { onprogress: ((event: { loaded: number, total: number }) => void) | null }
  onload: (() => void) | null
  onerror: (() => void) | null
  onabort: (() => void) | null
}

/** Sends a body in a browser by XMLHttpRequest, because `fetch` does not report the progress of a body. */
async function sendWithProgress (
  { method, url, headers, signal }: RawRequest, content: Blob, onProgress: (progress: Progress) => void
): Promise<Response> {
  // The signal may have aborted before, and gives no event again.
  signal?.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest!()
    const abort = (): void => { request.abort() }
    const end = (settle: () => void) => () => {
      signal?.removeEventListener('abort', abort)
      settle()
    }
    request.open(method, url)
    request.responseType = 'blob'
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => { onProgress({ sentBytes: loaded, totalBytes: total }) }
    request.onload = end(() => { resolve(answerOf(request)) })
    request.onerror = end(() => { reject(new TypeError('The connection failed.')) })
    request.onabort = end(() => { reject(signal?.reason ?? new TypeError('The request was aborted.')) })
    signal?.addEventListener('abort', abort, { once: true })
    request.send(content)
  })
}

function answerOf (request: ProgressRequest): Response {
  const headers = request.getAllResponseHeaders().trim().split(/\r?\n/).filter(line => line !== '')
    .map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string])
  return new Response(request.response as Blob, { status: request.status, headers })
}
