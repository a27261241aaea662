/**
 * Sends 500 hostile workbooks, with parts of up to 64 MiB, and one with a string of 1 GiB to every operation that reads
 * a workbook (test/tables/hostile-http.ts). Prints each fault; exits with 1 when there is one. The first argument is
 * the first seed, the second one the number of workbooks.
 */
import { startHostile } from '../tables/hostile-http.ts'
import { giantString, hostileWorkbook, MIB } from '../tables/hostile-workbooks.ts'

const [first = 1, workbooks = 500] = process.argv.slice(2).map(Number)
/** The most seconds of CPU that one request may take. */
const MAX_SECONDS = 40
const MAX_RSS = 1_500 * MIB
const endings: Array<() => unknown> = []
const tryEverywhere = await startHostile({ teardown: work => endings.push(work) }, MAX_SECONDS)
let faults = 0
let largest = 0
const send = async (what: string, bytes: Buffer): Promise<void> => {
  const found = await tryEverywhere(bytes)
  largest = Math.max(largest, process.memoryUsage().rss)
  faults += found.length
  for (const fault of found) console.log(`NOT OK ${what}: ${fault}`)
}
for (let seed = first; seed < first + workbooks; seed += 1) {
  const { what, bytes } = hostileWorkbook(seed, [1, 8, 64][seed % 3]!)
  await send(what, bytes)
}
await send('one string of 1 GiB', await giantString(1))
if (largest > MAX_RSS) {
  faults += 1
  console.log(`NOT OK ${Math.round(largest / MIB)} MiB of memory`)
}
for (const end of endings.reverse()) await end()
console.log(`${workbooks + 1} workbooks, ${faults} faults, at most ${Math.round(largest / MIB)} MiB`)
process.exit(faults === 0 ? 0 : 1)
