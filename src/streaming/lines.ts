const NEWLINE = 10

/** Gives the lines of a text in UTF-8, in batches, without their LF. What follows the last LF is left out. */
export async function * linesOf (bytes: AsyncIterable<Buffer>): AsyncGenerator<string[], void, void> {
  let rest = Buffer.alloc(0)
  for await (const piece of bytes) {
    const joined = Buffer.concat([rest, piece])
    const end = joined.lastIndexOf(NEWLINE) + 1
    rest = Buffer.from(joined.subarray(end))
    if (end > 0) yield joined.toString('utf8', 0, end).split('\n').slice(0, -1)
  }
}
