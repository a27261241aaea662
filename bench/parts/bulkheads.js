/** What others feel of callers that hold on to what they get. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startService } from '../contenders/service.js'
import { closeRecords } from '../lib/close-records.js'
import { startCrowd } from '../lib/crowd.js'
import { ask, SERVICE } from '../lib/apis.js'
import { load } from '../lib/load.js'
import { figure, note, number, say, table } from '../lib/report.js'
import { median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'
import { MIB, upload } from '../lib/upload.js'

const EACH = 50
const CONNECTIONS = 4
const LATENCY_MS = 20
const BULK = 100_000

export async function bulkheads ({ startUpstream, isQuick }) {
  const { origin: upstream } = await startUpstream(LATENCY_MS)
  const server = await startService(upstream, { callers: EACH + 1 })
  const { bytes } = await ask(server.origin, SERVICE.detailPath, SERVICE.headers)
  const what = {
    path: SERVICE.detailPath,
    headers: SERVICE.headers,
    connections: CONNECTIONS,
    amount: isQuick ? 2_000 : 10_000,
    bytes
  }
  await load(server, what)
  const samples = { idle: [], crowd: [], bulk: [] }
  let held
  let refusals = 0
  for (let round = 0; round < (isQuick ? 3 : 5); round += 1) {
    samples.idle.push(await load(server, what))
    const crowd = startCrowd(server.origin, EACH)
    held = await holding(server)
    samples.crowd.push(await load(server, what))
    const closing = closeRecords(server.origin, { count: BULK, form: 'ndjson' }).then(() => 'over')
    await sleep(300)
    samples.bulk.push(await load(server, { ...what, amount: isQuick ? 500 : 2_000 }))
    refusals = await crowd.stop()
    await closing
    note(
      `round ${round + 1}: ${number(samples.idle[round].p99)}, ${number(samples.crowd[round].p99)}, ` +
      `${number(samples.bulk[round].p99)} ms`
    )
    await sleep(500)
  }
  const from = performance.now()
  const after = await upload(server.origin, SERVICE, MIB, EACH)
  const afterMs = performance.now() - from

  say('## Bulkheads')
  say()
  say(
    `A detail over ${CONNECTIONS} connections, one after another on each, while ${EACH} callers try to upload at 4 ` +
    `KiB a second and ${EACH} begin a`
  )
  say(
    'download and do not read it. No limit is raised: who is refused comes back after the seconds it was told. Held ' +
    'at the'
  )
  say(
    `last round were ${held.uploads} uploads and ${held.downloads} downloads, and ${refusals} times somebody was ` +
    'refused.'
  )
  say()
  const row = (name, own) => [
    name,
    figure(own, 'p50'),
    figure(own, 'p99'),
    number(median(own, 'p99') / median(samples.idle, 'p99'))
  ]
  table(
    ['GET of a usage file', 'p50 ms', 'p99 ms', '÷ idle'],
    [
      row('with nobody else', samples.idle),
      row('with the slow and the stalled', samples.crowd),
      row(`and a bulk close of ${BULK.toLocaleString('en-US')}`, samples.bulk)
    ]
  )
  say(`Once they had gone, an upload of 1 MiB took ${number(afterMs)} ms and ${after.refusals} refusals.`)
  say()
  target(
    'p99 of a read beside slow uploads and stalled downloads',
    median(samples.crowd, 'p99') / median(samples.idle, 'p99'),
    2
  )
  target('p99 of a read beside these and a bulk close', median(samples.bulk, 'p99') / median(samples.idle, 'p99'), 2)
}

/** What fills the sockets on the way has flowed when the service has become this idle. */
const SETTLED = { cpuShare: 0.2, tries: 20 }

/** Waits until the places are taken and what they let through has filled the sockets; tells how many are taken. */
async function holding (server) {
  let held
  for (;;) {
    const text = await (await fetch(`${server.origin}/metrics`)).text()
    const value = name => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
    held = {
      uploads: value('usage_bff_uploads_in_flight'),
      downloads: value('usage_bff_connect_pool\\{pool="download",state="running"\\}')
    }
    if (held.uploads >= 24 && held.downloads >= 16) break
    await sleep(100)
  }
  for (let left = SETTLED.tries; left > 0; left -= 1) {
    const before = server.cpuSeconds()
    await sleep(500)
    if ((server.cpuSeconds() - before) / 0.5 < SETTLED.cpuShare) break
  }
  return held
}
