import { median } from './rounds.js'

/**
 * The median of one contender divided by another's; NaN where one did not run.
 * @param {Map<{ name: string }, object[]>} samples
 */
export function ratio (samples, field, name, toName) {
  const of = wanted => {
    const entry = [...samples].find(([contender]) => contender.name === wanted)
    return entry === undefined || entry[1].length === 0 ? NaN : median(entry[1], field)
  }
  return of(name) / of(toName)
}
