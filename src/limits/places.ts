export type Entry = { leave: () => void } | { refused: 'all' | 'own' }

/** Lets so many in at once, and so many of one caller, so that none can take every place. Nobody waits. */
export interface Places { enter: (who: string) => Entry }

export function createPlaces ({ total, each }: { total: number, each: number }): Places {
  const held = new Map<string, number>()
  let taken = 0
  return {
    enter: (who) => {
      const own = held.get(who) ?? 0
      if (own >= each) return { refused: 'own' }
      if (taken >= total) return { refused: 'all' }
      taken += 1
      held.set(who, own + 1)
      let hasLeft = false
      return {
        leave: () => {
          if (hasLeft) return
          hasLeft = true
          taken -= 1
          const left = (held.get(who) ?? 1) - 1
          if (left === 0) held.delete(who)
          else held.set(who, left)
        }
      }
    }
  }
}
