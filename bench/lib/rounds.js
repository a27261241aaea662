/** Rounds that go through all contenders in turn, so that what disturbs the machine disturbs all of them. */

/**
 * @template Contender, Sample
 * @param {Contender[]} contenders
 * @param {number} count
 * @param {(contender: Contender, round: number) => Promise<Sample | null>} measure null: not in this round
 * @returns {Promise<Map<Contender, Sample[]>>}
 */
export async function interleave (contenders, count, measure) {
  const samples = new Map(contenders.map(contender => [contender, []]))
  for (let round = 0; round < count; round += 1) {
    // Each round begins with another one: nobody always runs after the same neighbour.
    for (let i = 0; i < contenders.length; i += 1) {
      const contender = contenders[(i + round) % contenders.length]
      const sample = await measure(contender, round)
      if (sample !== null) samples.get(contender).push(sample)
    }
  }
  return samples
}

/** The median of one field of the samples; NaN when there are none. */
export function median (samples, field) {
  const values = samples.map(sample => sample[field]).sort((a, b) => a - b)
  const middle = values.length >> 1
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
}

export function spread (samples, field) {
  const values = samples.map(sample => sample[field])
  return [Math.min(...values), Math.max(...values)]
}
