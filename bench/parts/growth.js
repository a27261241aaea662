/** How the cost of the service grows with the work, and where it stops being linear. */
import assert from 'node:assert/strict'
import { keyOf, startService } from '../contenders/service.js'
import { closeRecords } from '../lib/close-records.js'
import { ask, SERVICE } from '../lib/apis.js'
import { takeLedger } from '../lib/ledger.js'
import { amountFor, load } from '../lib/load.js'
import { stopAll } from '../lib/process.js'
import { figure, note, number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { MIB, upload } from '../lib/upload.js'

const LATENCY_MS = 20
const MAX_CALLERS = 200

export async function growth ({ startUpstream, isQuick }) {
  const rounds = isQuick ? 1 : 3
  const seconds = isQuick ? 0.5 : 1.5
  say('## Cost as the work grows')
  say()
  say('The service alone. Linear is a column that stays the same.')
  say()
  const { origin: upstream } = await startUpstream()
  const server = await startService(upstream, { callers: MAX_CALLERS })
  await lists(server, rounds, seconds)
  await callers(server, rounds, seconds)
  await uploads(server, isQuick ? [1, 16, 256] : [1, 16, 64, 256, 1024, 4096], rounds)
  await stopAll()
  await bulk(
    (await startUpstream(LATENCY_MS)).origin,
    isQuick ? [1_000, 10_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000],
    isQuick ? 1 : 3
  )
}

async function lists (server, rounds, seconds) {
  const sizes = []
  for (const count of [10, 100, 1_000]) {
    const path = SERVICE.listPath(count)
    const { value, bytes } = await ask(server.origin, path, SERVICE.headers)
    SERVICE.isList(value, count)
    const work = { path, headers: SERVICE.headers, connections: 8, bytes }
    sizes.push({ count, work: { ...work, amount: await amountFor(server, work, seconds) } })
  }
  const samples = await interleave(sizes, rounds, async ({ work }) => await load(server, work))
  say('### Lists')
  say()
  table(['items', 'KB', 'CPU µs', 'CPU µs an item', 'p50 ms of 8 callers'], sizes.map(size => {
    const own = samples.get(size)
    return [
      number(size.count),
      number(size.work.bytes / 1000),
      figure(own, 'cpuMicros'),
      number(median(own, 'cpuMicros') / size.count),
      number(median(own, 'p50'))
    ]
  }))
}

async function callers (server, rounds, seconds) {
  const { bytes } = await ask(server.origin, SERVICE.detailPath, SERVICE.headers)
  const sizes = []
  for (const connections of [1, 10, 50, 100, MAX_CALLERS]) {
    const work = {
      path: SERVICE.detailPath,
      headers: {},
      headersOf: n => ({ 'x-api-key': keyOf('provider', n) }),
      connections,
      bytes,
      mayRefuse: true
    }
    sizes.push({ connections, work: { ...work, amount: await amountFor(server, work, seconds) } })
  }
  const samples = await interleave(sizes, rounds, async ({ work }) => await load(server, work))
  say('### Callers, each reading a usage file as fast as it can')
  say()
  table(['callers', 'CPU µs', 'requests/s', 'p50 ms', 'p99 ms', '% told to come back'], sizes.map(size => {
    const own = samples.get(size)
    return [
      size.connections,
      figure(own, 'cpuMicros'),
      figure(own, 'perSecond'),
      number(median(own, 'p50')),
      number(median(own, 'p99')),
      number(median(own, 'refusedShare') * 100)
    ]
  }))
}

async function uploads (server, sizes, rounds) {
  const work = sizes.map(mebibytes => ({ mebibytes }))
  const samples = await interleave(work, rounds, async ({ mebibytes }, round) => {
    if (mebibytes > 1024 && round > 1) return null
    if (round === 0) await upload(server.origin, SERVICE, 64 * MIB)
    // A small one takes less than what /proc can tell.
    const times = Math.max(1, Math.ceil(64 / mebibytes))
    const idle = await server.restingRss()
    server.forgetPeak()
    const cpuBefore = server.cpuSeconds()
    const startedAt = performance.now()
    for (let n = 0; n < times; n += 1) await upload(server.origin, SERVICE, mebibytes * MIB)
    note(`upload of ${mebibytes} MiB`)
    return {
      cpuPerGib: (server.cpuSeconds() - cpuBefore) / ((times * mebibytes) / 1024),
      ms: (performance.now() - startedAt) / times,
      overIdle: server.peakRss() - idle
    }
  })
  say('### Uploads')
  say()
  table(['MiB', 'CPU s/GiB', 'ms', 'over idle MiB'], work.map(size => {
    const own = samples.get(size)
    return [number(size.mebibytes), figure(own, 'cpuPerGib'), figure(own, 'ms'), figure(own, 'overIdle')]
  }))
}

async function bulk (upstream, counts, rounds) {
  const work = counts.map(count => ({ count }))
  const samples = await interleave(work, rounds, async ({ count }) => {
    const server = await startService(upstream)
    await closeRecords(server.origin, { count: 20_000, form: 'ndjson' })
    const idle = await server.restingRss()
    server.forgetPeak()
    await takeLedger(upstream)
    const cpuBefore = server.cpuSeconds()
    const startedAt = performance.now()
    const { summary } = await closeRecords(server.origin, { count, form: 'ndjson' })
    const seconds = (performance.now() - startedAt) / 1000
    assert.equal(summary.closed, count)
    assert.equal((await takeLedger(upstream)).closes.rows, count)
    const sample = {
      seconds,
      microsEach: ((server.cpuSeconds() - cpuBefore) / count) * 1e6,
      wallEach: (seconds / count) * 1e6,
      overIdle: server.peakRss() - idle
    }
    await server.stop()
    note(`bulk close of ${count}`)
    return sample
  })
  say(`### Bulk closes, NDJSON, Connect at ${LATENCY_MS} ms a call`)
  say()
  table(['records', 'seconds', 'µs a record', 'CPU µs a record', 'over idle MiB'], work.map(size => {
    const own = samples.get(size)
    return [
      size.count.toLocaleString('en-US'),
      figure(own, 'seconds'),
      figure(own, 'wallEach'),
      figure(own, 'microsEach'),
      figure(own, 'overIdle')
    ]
  }))
}
