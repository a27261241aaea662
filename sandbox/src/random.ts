/** The same seed gives the same values (mulberry32), so that starts with the same options have equal data. */
export interface Random {
  below: (limit: number) => number
  pick: <T>(values: readonly T[]) => T
  digits: (count: number) => string
}

export function createRandom (seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick: <T>(values: readonly T[]): T => {
      const value = values[below(values.length)]
      if (value === undefined) throw new Error('nothing to pick from')
      return value
    },
    digits: (count) => Array.from({ length: count }, () => below(10)).join('')
  }
}
