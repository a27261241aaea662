import { isUtf8 } from 'node:buffer'
import { setImmediate as immediate } from 'node:timers/promises'
import { AppError } from '../errors/app-error.ts'

const PIECE_BYTES = 8192
/** After this time in ms, the next piece waits for a turn of the event loop, so that other requests get on. */
const MAX_TURN_MS = 15

/**
 * Gives the text of bytes in UTF-8, without a byte order mark, in pieces of at most about 8 KiB: larger strings
 * would stay in memory until V8's next full collection. No piece ends inside a character. Throws MALFORMED_BODY for
 * bytes that are not UTF-8. Buffer decodes the bytes, because the strings of TextDecoder take twice the memory.
 */
export async function * decoded (body: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = true
  let turnBeganAt = performance.now()
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES)
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      const end = wholeCharacters(bytes)
      rest = Buffer.from(bytes.subarray(end))
      const whole = bytes.subarray(0, end)
      if (!isUtf8(whole)) throw malformed('The body is not UTF-8.')
      if (end === 0) continue
      const text = whole.toString('utf8')
      yield isFirst && text.startsWith('\ufeff') ? text.slice(1) : text
      isFirst = false
      if (performance.now() - turnBeganAt < MAX_TURN_MS) continue
      await immediate()
      turnBeganAt = performance.now()
    }
  }
  if (rest.length > 0) throw malformed('The body is not UTF-8.')
}

/** Gives how many of the bytes belong to whole characters. Does not check that the bytes are UTF-8. */
function wholeCharacters (bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return back < length ? bytes.length - back : bytes.length
  }
  return bytes.length
}

export function malformed (detail: string): AppError {
  return new AppError('MALFORMED_BODY', detail)
}
