/** Runs a piece of work once for all requests with the same key that come while it runs. */
export interface SingleFlight<Value> {
  run: (key: string, work: () => Promise<Value>) => Promise<Value>
}

/**
 * An error that `isPrivate` accepts goes only to the request whose `work` threw it. Of the waiting requests,
 * one then runs its own `work`, and the others wait for that.
 */
export function createSingleFlight<Value> (isPrivate: (error: unknown) => boolean): SingleFlight<Value> {
  const running = new Map<string, Promise<Value>>()
  return {
    run: async (key, work) => {
      for (let other = running.get(key); other !== undefined; other = running.get(key)) {
        try {
          return await other
        } catch (error) {
          if (!isPrivate(error)) throw error
        }
      }
      const own = work().finally(() => { running.delete(key) })
      running.set(key, own)
      return await own
    }
  }
}
