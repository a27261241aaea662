import { errorOfConnection } from './errors.ts'
import { failureOf, pauseAfter, sleep } from './retries.ts'
import { piecesOf } from './send.ts'
import type { Schemas } from './types.ts'

/**
 * An event of the service: the status of an object, or `stale`. `stale`: the service cannot read from Connect now. When
 * it can again, it sends the present statuses.
 */
export type UsageEvent = ChangeEvent<'usage-file', Schemas['UsageFileStatus']> |
  ChangeEvent<'usage-chunk', Schemas['UsageChunkStatus']> |
  ChangeEvent<'reconciliation', Schemas['ReconciliationStatus']> |
  { type: 'stale' }

interface ChangeEvent<Type, Status> {
  type: Type
  id: string
  /** Null when Connect does not know the object, or shows no status. */
  status: Status | null
  /** The status before; null when the service knows none, or when the event repeats the same status. */
  previousStatus: Status | null
  /** The time of the event in ISO 8601 in UTC. */
  at: string
}

/** A connection on which nothing comes for this time counts as dead. The service sends a comment every 15 s. */
const MAX_SILENCE_MS = 40_000

/**
 * Yields events until the signal aborts. Connects again when a connection ends or fails. The pause before each
 * connection doubles while no event comes. Throws the `UsageApiError` of a refusal for good, for example of a 401.
 */
export async function * readEvents (
  connect: (signal: AbortSignal) => Promise<Response>, signal?: AbortSignal
): AsyncGenerator<UsageEvent, void, void> {
  const isOver = (): boolean => signal?.aborted === true
  let failures = 0
  while (!isOver()) {
    let pauseMs = 0
    try {
      for await (const event of eventsOf(connect, signal)) {
        failures = 0
        yield event
      }
    } catch (cause) {
      if (isOver()) return
      const error = failureOf(cause)
      if (!error.mayRepeat) throw error
      pauseMs = error.retryAfterMs ?? 0
    }
    await sleep(Math.max(pauseMs, pauseAfter(failures++)), signal).catch(() => {})
  }
}

/** Yields the events of one connection. Throws when it waited for MAX_SILENCE_MS and nothing came. */
async function * eventsOf (
  connect: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal | undefined
): AsyncGenerator<UsageEvent, void, void> {
  const silence = new AbortController()
  const end = (): void => { silence.abort(new Error('The stream of events is silent.')) }
  let timer = setTimeout(end, MAX_SILENCE_MS)
  try {
    const response = await connect(AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]))
    const decoder = new TextDecoder()
    let rest = ''
    for await (const piece of piecesOf(response.body as ReadableStream<Uint8Array<ArrayBuffer>>)) {
      clearTimeout(timer)
      const texts = (rest + decoder.decode(piece, { stream: true })).split('\n\n')
      rest = texts.pop() ?? ''
      for (const text of texts) {
        const event = parseEvent(text, response)
        if (event !== null) yield event
      }
      timer = setTimeout(end, MAX_SILENCE_MS)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Gives the event of one block of the stream; null for a comment, and for a block that is no event. */
function parseEvent (text: string, response: Response): UsageEvent | null {
  const lines = text.split('\n')
  const valueOf = (field: string): string | undefined =>
    lines.find(line => line.startsWith(`${field}: `))?.slice(field.length + 2)
  const [type, data] = [valueOf('event'), valueOf('data')]
  if (type === undefined) return null
  if (type === 'stale') return { type }
  if (data === undefined) return null
  try {
    return { type, ...JSON.parse(data) } as UsageEvent
  } catch (cause) {
    throw errorOfConnection(cause, response)
  }
}
