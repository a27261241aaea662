/**
 * How far some replicas go: a distributor with 2,000 vendors, each of which reports 10,000 subscriptions a day. What
 * the service needs is measured here; what Connect needs is assumed, and the report says what was assumed.
 */
import assert from 'node:assert/strict'
import { createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { startService } from '../contenders/service.js'
import { SERVICE } from '../lib/apis.js'
import { closeRecords } from '../lib/close-records.js'
import { home, stopAll } from '../lib/process.js'
import { number, say, table } from '../lib/report.js'
import { measure, textOf } from '../lib/request.js'
import { median } from '../lib/rounds.js'
import { simulate } from '../scale/simulate.js'
import { csvOf } from '../tables/rows.js'

const VENDORS = 2_000
const ROWS = 10_000
const BATCH = 500
/** Assumed of Connect, in seconds: a call, the taking of a workbook, its processing, the closing of 500 records. */
const CONNECT = { call: 0.3, upload: 2, processing: 60, close: 2 }
/** The limits of a replica as shipped (docs/operations.md, "Limits"). */
const POOLS = { places: 24, threads: 2, uploads: 8, writes: 16 }
const HOUR = 3_600

export async function scale ({ startUpstream, isQuick }) {
  const rounds = isQuick ? 2 : 5
  const report = await costOfReport(startUpstream, rounds)
  const close = await costOfClose(startUpstream, rounds)
  await stopAll()
  say('## How far it goes')
  say()
  say(`${VENDORS} vendors × ${ROWS.toLocaleString('en-US')} subscriptions a day, simulated. Measured: a report of so`)
  say(`many rows takes ${number(report.cpu)} s of CPU (a body of ${number(report.mebibytes)} MiB), a bulk close of so`)
  say(`many records ${number(close.cpu)} s. Assumed of Connect: ${CONNECT.call} s a call, ${CONNECT.upload} s for a`)
  say(`workbook and ${CONNECT.processing} s to process it, ${CONNECT.close} s for the close of ${BATCH} records.`)
  say()
  sayReports(report)
  sayCloses(close)
}

/** CSV in, checked, workbook out. */
async function costOfReport (startUpstream, rounds) {
  const path = join(home, 'report.csv')
  await pipeline(Readable.from(csvOf(ROWS)), createWriteStream(path))
  const { origin } = await startUpstream()
  const service = await startService(origin)
  const samples = []
  // The first one warms the service up.
  for (let round = 0; round <= rounds; round += 1) {
    const sending = { method: 'POST', path: SERVICE.uploadPath, type: 'text/csv', file: path }
    const sample = await measure(service, sending, async response => {
      await textOf(response)
      assert.equal(response.statusCode, 202)
    })
    if (round > 0) samples.push(sample)
  }
  return { cpu: median(samples, 'cpuSeconds'), mebibytes: statSync(path).size / 2 ** 20 }
}

async function costOfClose (startUpstream, rounds) {
  const { origin } = await startUpstream(1)
  const service = await startService(origin)
  const samples = []
  for (let round = 0; round <= rounds; round += 1) {
    const before = service.cpuSeconds()
    await closeRecords(service.origin, { count: ROWS, form: 'ndjson' })
    if (round > 0) samples.push({ cpuSeconds: service.cpuSeconds() - before })
  }
  return { cpu: median(samples, 'cpuSeconds') }
}

function sayReports ({ cpu }) {
  say('### Reports: check, create, upload, wait, submit')
  say()
  const arrivals = {
    'all at midnight': () => 0, 'within an hour': n => n / VENDORS * HOUR, 'over a day': n => n / VENDORS * 24 * HOUR
  }
  const rows = []
  for (const [name, at] of Object.entries(arrivals)) {
    for (const replicas of [1, 2, 4]) {
      const { seconds, took, refused, busy } = simulate({
        replicas,
        pools: POOLS,
        door: 'places',
        arrivals: Array.from({ length: VENDORS }, (_, n) => at(n)),
        steps: [
          { pool: 'threads', seconds: cpu },
          { pool: 'writes', seconds: CONNECT.call },
          { pool: 'uploads', seconds: CONNECT.upload },
          { seconds: CONNECT.processing },
          { pool: 'writes', seconds: CONNECT.call }
        ]
      })
      rows.push([
        name, replicas, number(seconds / 60), number(quantile(took, 0.5) / 60), number(quantile(took, 0.99) / 60),
        number(refused / VENDORS), `${number(busy.threads * 100)} %`, `${number(busy.uploads * 100)} %`
      ])
    }
  }
  table([
    'they come', 'replicas', 'all done, min', 'one, p50 min', 'one, p99 min', 'refusals each', 'threads busy',
    'upload places busy'
  ], rows)
}

/** Each vendor's file is closed in one request. */
function sayCloses ({ cpu }) {
  say(`### Closes of ${(VENDORS * ROWS).toLocaleString('en-US')} records, ${VENDORS} requests`)
  say()
  const rows = []
  for (const [atOnce, replicas] of [[1, 1], [4, 1], [4, 2], [4, 4]]) {
    const calls = ROWS / BATCH
    const { seconds, busy } = simulate({
      replicas,
      pools: { requests: atOnce, core: 1, calls: POOLS.writes },
      arrivals: Array.from({ length: VENDORS }, () => 0),
      // Four calls at once for one request (CLOSE_CONCURRENCY).
      steps: [{ pool: 'requests', seconds: cpu + calls / 4 * CONNECT.close }]
    })
    rows.push([
      atOnce * replicas, replicas, number(seconds / HOUR), number(VENDORS * ROWS / seconds),
      `${number(VENDORS * cpu / replicas / seconds * 100)} %`, `${number(busy.requests * 100)} %`
    ])
  }
  table(['requests at once', 'replicas', 'hours', 'records/s', 'CPU of a replica', 'places busy'], rows)
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
