/** Far below the time after which proxies close a quiet connection, for example 30 seconds. */
const MAX_QUIET_MS = 5000

/**
 * Passes the pieces of an answer on. Each time the reader has waited `maxQuietMs` for a piece, it gets a space, so that
 * proxies keep the connection open. For answers that may have white space between pieces, such as JSON.
 */
export async function * keptAlive (
  pieces: AsyncGenerator<string, void, void>, maxQuietMs = MAX_QUIET_MS
): AsyncGenerator<string, void, void> {
  const take = (): ReturnType<typeof pieces.next> => {
    const next = pieces.next()
    // The reader may stop after a space, while a piece is being made. Then no code waits for the piece, and an error of
    // the piece must not end the process.
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

/** Gives the result of `work`; null when there is none after `ms` milliseconds. The work then goes on. */
export async function within<Value> (work: Promise<Value>, ms: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<null>((resolve) => { timer = setTimeout(resolve, ms, null) })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
