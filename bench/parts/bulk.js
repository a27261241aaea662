/** Closing many records in one request, with a Connect that takes 20 ms for each call. */
import assert from 'node:assert/strict'
import { startPeer } from '../contenders/peer.js'
import { startService } from '../contenders/service.js'
import { closeRecords } from '../lib/close-records.js'
import { takeLedger } from '../lib/ledger.js'
import { figure, note, number, say, table } from '../lib/report.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'

const LATENCY_MS = 20
const COUNT = 100_000
const MILLION = 1_000_000
/** Calls to Connect at once, as shipped: CLOSE_CONCURRENCY. */
const CONCURRENCY = 4
const IN_FLIGHT = [1, 8, 50]

export async function bulk ({ startUpstream, isQuick }) {
  const { origin: upstream } = await startUpstream(LATENCY_MS)
  const ours = (count, form) => ({
    name: `service, ${count.toLocaleString('en-US')} as ${form.toUpperCase()}`,
    count,
    form,
    start: () => startService(upstream)
  })
  const contenders = [
    ours(COUNT, 'ndjson'),
    ours(COUNT, 'json'),
    ours(MILLION, 'ndjson'),
    ours(MILLION, 'json'),
    // All 100,000 one by one would take 37 minutes: so many seconds' worth of them, and the rest by proportion.
    ...IN_FLIGHT.map(inFlight => ({
      name: `one call per record, ${inFlight} in flight`,
      inFlight,
      form: 'ndjson',
      count: inFlight * (isQuick ? 100 : 200),
      start: () => startPeer('one-call-per-record.js', upstream, { env: { IN_FLIGHT: String(inFlight) } })
    }))
  ]
  const [small, , large] = contenders
  const isTurn = ({ name }, round) => !isQuick || round === 0 || name.startsWith('service')
  const used = isQuick ? contenders.filter(({ count }) => count !== MILLION) : contenders
  const samples = await interleave(used, isQuick ? 2 : 3, async (contender, round) =>
    isTurn(contender, round) ? await measure(upstream, contender, isQuick ? 0.3 : 1) : null
  )

  say('## Bulk close')
  say()
  say(
    `Connect answers each call after ${LATENCY_MS} ms. Every contender is started anew for each round and warmed: ` +
    `the service with ${COUNT.toLocaleString('en-US')} records.`
  )
  say(
    `The floor is calls ÷ ${CONCURRENCY} at a time × ${LATENCY_MS} ms. The peers' figures are from ` +
    `${IN_FLIGHT.map(n => number(n * (isQuick ? 100 : 200))).join(', ')} records, multiplied.`
  )
  say()
  table(
    ['', 'seconds', '÷ floor', 'CPU s', 'first outcome ms', 'peak RSS MiB', 'over idle MiB'],
    used.map(contender => {
      const own = samples.get(contender)
      const isPeer = contender.inFlight !== undefined
      return [
        contender.name + (isPeer ? `, ${COUNT.toLocaleString('en-US')}` : ''),
        figure(own, 'seconds'),
        isPeer ? '' : figure(own, 'overFloor'),
        figure(own, 'cpu'),
        isPeer ? '' : figure(own, 'firstMs'),
        isPeer ? '' : figure(own, 'peak'),
        isPeer ? '' : figure(own, 'overIdle')
      ]
    })
  )
  const fifty = contenders.find(({ inFlight }) => inFlight === 50)
  target('bulk close of 100,000, beside the latency floor', median(samples.get(small), 'overFloor'), 2.5)
  target(
    'bulk close of 100,000, CPU beside one call per record, 50 in flight',
    median(samples.get(small), 'cpu') / median(samples.get(fifty), 'cpu'),
    Number((1 / 60).toFixed(4))
  )
  if (!isQuick) {
    target(
      'bulk close, peak RSS of 1,000,000 beside 100,000, NDJSON',
      Math.abs(median(samples.get(large), 'peak') - median(samples.get(small), 'peak')),
      16,
      'MiB'
    )
  }
}

async function measure (upstream, { name, count, form, inFlight, start }, restSeconds) {
  const server = await start()
  const run = async size =>
    check(
      await closeRecords(server.origin, { count: size, form }),
      await takeLedger(upstream),
      size,
      form,
      inFlight !== undefined
    )
  await takeLedger(upstream)
  // As many as are closed then at least: compiled code is there, and V8's young generation is as large as it gets.
  await run(inFlight === undefined ? COUNT : inFlight * 10)
  const idle = await server.restingRss(restSeconds)
  server.forgetPeak()
  const cpuBefore = server.cpuSeconds()
  const startedAt = performance.now()
  const { calls, firstMs } = await run(count)
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = server.cpuSeconds() - cpuBefore
  const peak = server.peakRss()
  await server.stop()
  note(`${name}: right, ${number(seconds)} s, ${number(cpu)} s of CPU`)
  const times = inFlight === undefined ? 1 : COUNT / count
  return {
    seconds: seconds * times,
    cpu: cpu * times,
    overFloor: seconds / (((calls / CONCURRENCY) * LATENCY_MS) / 1000),
    firstMs,
    peak,
    overIdle: peak - idle
  }
}

/** Every record reached Connect once, with its billing id, and has an outcome. */
function check ({ summary, lines, firstMs }, { closes }, count, form, isPeer) {
  assert.deepEqual(summary, { requested: count, closed: count, refused: 0, unknown: 0 })
  if (!isPeer && form === 'ndjson') assert.equal(lines, count + 1)
  const { calls, ...seen } = closes
  assert.deepEqual(seen, { rows: count, numberSum: count * (count - 1) / 2, billings: { 'INV-1': count } })
  return { calls, firstMs }
}
