/** What requests that wait and open event streams cost, and how soon they are told a change. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startService } from '../contenders/service.js'
import { ask, SERVICE } from '../lib/apis.js'
import { load } from '../lib/load.js'
import { note, number, say, table } from '../lib/report.js'
import { target } from '../lib/targets.js'
import { DETAIL_ID, fileIdOf } from '../upstream/data.js'
import { startMoving } from '../upstream/moving.js'

const FILES = 1_000
const STREAMS = 10_000
const OPENED_AT_ONCE = 100
const CHANGES_PER_SECOND = 10
const KIB_PER_MIB = 1024
const IDS = Array.from({ length: FILES }, (_, n) => fileIdOf(n))

export async function watching ({ isQuick }) {
  say('## Waiting and watching')
  say()
  await measureWaits(isQuick ? 20 : 60)
  await measureStreams(isQuick ? 2_000 : STREAMS, isQuick ? 2_000 : 10_000)
}

/** A thousand requests wait, each for a file of its own. One whose time is over is sent again. */
async function measureWaits (seconds) {
  const upstream = await startMoving(IDS)
  const server = await startService(upstream.origin)
  const lateness = []
  const changedAt = new Map()
  let answers = 0
  let isOver = false
  const waitFor = async id => {
    for (let status = 'processing'; status === 'processing' && !isOver;) {
      const response = await fetch(`${server.origin}/v1/usage-files/${id}`, {
        headers: { ...SERVICE.headers, prefer: 'wait=50' }
      })
      status = (await response.json()).status
      if (response.status !== 200) throw new Error(`${response.status} for a request that waits`)
      answers += 1
      if (status === 'processing' || isOver) continue
      // The first list call after the change is the first that can see it.
      const poll = upstream.seen.lists.find(at => at >= changedAt.get(id))
      lateness.push(performance.now() - poll)
    }
  }
  const waits = []
  for (let from = 0; from < FILES; from += OPENED_AT_ONCE) {
    waits.push(...IDS.slice(from, from + OPENED_AT_ONCE).map(waitFor))
    await sleep(100)
  }
  await sleep(3_000)
  const { seen } = upstream
  const before = { lists: seen.lists.length, details: seen.details, answers, cpu: server.cpuSeconds() }
  const begin = performance.now()
  for (let n = 0; performance.now() - begin < seconds * 1000; n += 1) {
    await sleep(Math.max(0, begin + n * 1000 / CHANGES_PER_SECOND - performance.now()))
    const id = IDS[(n * 37) % FILES]
    changedAt.set(id, performance.now())
    upstream.set(id, 'ready')
  }
  const spent = (performance.now() - begin) / 1000
  const lists = (seen.lists.length - before.lists) / spent
  const details = (seen.details - before.details) / Math.max(1, answers - before.answers)
  const cpu = (server.cpuSeconds() - before.cpu) / spent
  isOver = true
  for (const id of IDS) upstream.set(id, 'ready')
  await Promise.all(waits)
  upstream.stop()
  lateness.sort((a, b) => a - b)
  const quantile = part => lateness[Math.min(lateness.length - 1, Math.floor(lateness.length * part))]
  say(
    `${FILES.toLocaleString('en-US')} requests wait for as many usage files for ${Math.round(spent)} s. ` +
    `${CHANGES_PER_SECOND} files change in a second; a request whose time is over is sent again.`
  )
  say()
  table(
    ['list calls a second', 'details for an answer', 'told after the poll, p50 ms', 'p99 ms', 'CPU'],
    [[number(lists), number(details), number(quantile(0.5)), number(quantile(0.99)), `${number(cpu * 100)} %`]]
  )
  target('list calls a second of 1,000 requests that wait', lists, 0.5, 'a second')
  target('details for an answer', details, 1.02)
  target('a change is told after the poll that can see it, p99', quantile(0.99) / 1000, 1, 's')
}

/** Reads of another file beside open streams, each of one of a thousand files. */
async function measureStreams (count, amount) {
  const upstream = await startMoving([DETAIL_ID, ...IDS])
  const server = await startService(upstream.origin)
  const { bytes } = await ask(server.origin, SERVICE.detailPath, SERVICE.headers)
  const what = { path: SERVICE.detailPath, headers: SERVICE.headers, connections: 4, amount, bytes }
  const own = async () => {
    const samples = []
    for (let round = 0; round < 3; round += 1) samples.push((await load(server, what)).p99)
    return samples.sort((a, b) => a - b)[1]
  }
  await load(server, what)
  const alone = await own()
  const emptyMib = await server.restingRss(5)
  const told = { events: 0 }
  const sockets = []
  for (let from = 0; from < count; from += OPENED_AT_ONCE) {
    const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - from) }, (_, n) => from + n)
    sockets.push(...await Promise.all(some.map(async n => await openStream(server.origin, IDS[n % FILES], told))))
  }
  await sleep(5_000)
  const kib = (await server.restingRss(10) - emptyMib) * KIB_PER_MIB / count
  const cpuBefore = server.cpuSeconds()
  await sleep(5_000)
  const cpu = (server.cpuSeconds() - cpuBefore) / 5
  note(`${count} streams, ${number(kib)} KiB each, ${told.events} events`)
  let n = 0
  const changing = setInterval(() => {
    n += 1
    const id = IDS[(n * 37) % FILES]
    upstream.set(id, upstream.statusOf(id) === 'processing' ? 'ready' : 'processing')
  }, 1000 / CHANGES_PER_SECOND)
  const beside = await own()
  clearInterval(changing)
  if (sockets.some(socket => socket.destroyed)) throw new Error('a stream was closed')
  for (const socket of sockets) socket.destroy()
  upstream.stop()
  say(
    `${count.toLocaleString('en-US')} event streams are open, each of one of ${FILES.toLocaleString('en-US')} usage ` +
    `files, and ${CHANGES_PER_SECOND} files change in a second. Beside them a detail is read over 4 connections.`
  )
  say()
  table(
    ['KiB for a stream', 'CPU of the open streams', 'p99 of a detail alone, ms', 'beside the streams, ms', '÷ alone'],
    [[number(kib), `${number(cpu * 100)} %`, number(alone), number(beside), number(beside / alone)]]
  )
  target(`memory of one of ${count.toLocaleString('en-US')} event streams`, kib, 24, 'KiB')
  target('p99 of a read beside them', beside / alone, 2)
}

/** Opens a stream on a socket of its own. Gives it when the first event is there. */
async function openStream (origin, id, told) {
  const { port } = new URL(origin)
  const socket = connect({ port, host: '127.0.0.1' })
  const head = Object.entries({ host: '127.0.0.1', ...SERVICE.headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /v1/events?fileId=${id} HTTP/1.1\r\n${head.join('')}\r\n`)
  await new Promise((resolve, reject) => {
    let text = ''
    socket.once('error', reject).once('close', () => reject(new Error(`a stream was closed: ${text}`)))
    socket.on('data', chunk => {
      const part = chunk.latin1Slice()
      told.events += part.split('event: ').length - 1
      if (text !== null) text += part
      if (text?.includes('event: usage-file')) {
        text = null
        resolve()
      }
    })
  })
  return socket
}
