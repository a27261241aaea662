import { requestIdOf, UsageApiError } from './errors.ts'
import { failureOf } from './retries.ts'
import { piecesOf } from './send.ts'

/**
 * Yields the JSON values of an answer in NDJSON while they arrive. Throws `UsageApiError` for an answer that is cut off
 * or no NDJSON, or the reason of an aborted signal.
 */
export async function * linesOf (response: Response, signal?: AbortSignal): AsyncGenerator<unknown, void, void> {
  try {
    yield * parsedLines(response)
  } catch (cause) {
    throw failureOf(cause, signal, response)
  }
}

async function * parsedLines (response: Response): AsyncGenerator<unknown, void, void> {
  if (response.body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of piecesOf(response.body as ReadableStream<Uint8Array<ArrayBuffer>>)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.trim() !== '') yield JSON.parse(line)
    }
  }
  if (rest.trim() !== '') throw cutOff(response)
}

export function cutOff (response: Response): UsageApiError {
  const options = { requestId: requestIdOf(response) }
  return new UsageApiError('CONNECTION_FAILED', 'The answer ended before its end.', options)
}
