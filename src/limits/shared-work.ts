/** Work that is under way, by key. A key without work takes no memory. */
export interface SharedWork<Value> {
  /**
   * Gives the outcome of the work under way for the key, a failure too; where there is none, does `work` for all who
   * come meanwhile.
   */
  run: (key: string, work: () => Promise<Value>) => Promise<Value>
}

/** `isPrivate` says which failures concern only the request that did the work: the others then do it anew, together. */
export function createSharedWork<Value> (isPrivate: (error: unknown) => boolean): SharedWork<Value> {
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
