/** Milliseconds. Proxies close a connection without bytes, many after 30 s. */
const MAX_QUIET_MS = 5000

/**
 * Passes the pieces of an answer on, and yields a space when a piece takes longer than `maxQuietMs` milliseconds. The
 * answer must be a text that may have white space between its pieces: in NDJSON before the JSON of the next line.
 */
export async function * keptAlive (
  pieces: AsyncGenerator<string, void, void>, maxQuietMs = MAX_QUIET_MS
): AsyncGenerator<string, void, void> {
  const take = (): ReturnType<typeof pieces.next> => {
    const next = pieces.next()
    // The reader may leave while a space is yielded. Then nothing awaits the next piece.
    next.catch(() => {})
    return next
  }
  try {
    for (let next = take(); ;) {
      const found = await within(next, maxQuietMs)
      if (found === null) {
        yield ' '
        continue
      }
      if (found.done === true) return
      yield found.value
      next = take()
    }
  } finally {
    await pieces.return()
  }
}

/**
 * Gives the result of `work`, or null when that takes over `ms` milliseconds. Throws what `work` throws before that.
 */
export async function within<Value> (work: Promise<Value>, ms: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<null>((resolve) => { timer = setTimeout(resolve, ms, null) })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
