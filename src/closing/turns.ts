/** Runs work when its turn has come. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** Lets so many run at once; the others wait, first come, first served, for as long as it takes. */
export function createTurns (places: number): Turns {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < places) running += 1
    else await new Promise<void>((resolve) => { waiting.push(resolve) })
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
