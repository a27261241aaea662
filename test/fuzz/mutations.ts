import fc from 'fast-check'

/** Where in a body: structure lies at its ends, so two of three places are near one. */
export interface Place { from: 'start' | 'end' | 'anywhere', at: number }

export type Mutation =
  | { kind: 'flip', place: Place, bit: number }
  | { kind: 'delete', place: Place, length: number }
  | { kind: 'insert', place: Place, bytes: Buffer }
  | { kind: 'duplicate', place: Place, length: number, to: Place }
  | { kind: 'truncate', place: Place }

const NEAR_BYTES = 400

const place: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ from: fc.constantFrom<Place['from']>('start', 'end'), at: fc.nat(NEAR_BYTES) }),
  fc.record({ from: fc.constant<Place['from']>('anywhere'), at: fc.nat(1_000_000) })
)
const length = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 64 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2000 }) }
)

/** Changes of single bytes and of stretches; what is inserted are random bytes, or words that the format knows. */
export function mutations (words: readonly string[]): fc.Arbitrary<Mutation[]> {
  const bytes = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...words).map(word => Buffer.from(word, 'latin1')) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 40 }).map(list => Buffer.from(list)) }
  )
  return fc.array(fc.oneof<fc.Arbitrary<Mutation>[]>(
    fc.record({ kind: fc.constant('flip'), place, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('delete'), place, length }),
    fc.record({ kind: fc.constant('insert'), place, bytes }),
    fc.record({ kind: fc.constant('duplicate'), place, length, to: place }),
    fc.record({ kind: fc.constant('truncate'), place })
  ), { maxLength: 3 })
}

export function mutated (body: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce(change, body)
}

function change (body: Buffer, mutation: Mutation): Buffer {
  const at = offsetIn(body, mutation.place)
  switch (mutation.kind) {
    case 'flip': {
      const copy = Buffer.from(body)
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << mutation.bit)
      return copy
    }
    case 'delete': return Buffer.concat([body.subarray(0, at), body.subarray(at + mutation.length)])
    case 'insert': return Buffer.concat([body.subarray(0, at), mutation.bytes, body.subarray(at)])
    case 'duplicate': {
      const to = offsetIn(body, mutation.to)
      return Buffer.concat([body.subarray(0, to), body.subarray(at, at + mutation.length), body.subarray(to)])
    }
    case 'truncate': return body.subarray(0, at)
  }
}

function offsetIn (body: Buffer, { from, at }: Place): number {
  switch (from) {
    case 'start': return Math.min(at, body.length)
    case 'end': return Math.max(0, body.length - at)
    case 'anywhere': return Math.floor(at / 1_000_000 * body.length)
  }
}
