/**
 * What comes and goes with each request is freed by collections of V8's young generation. With a Set in place of a
 * linked list each of these tests fails: see src/limits/linked-list.ts.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import { trackConnections } from '../../src/http/connections.ts'
import { collectEvery } from '../../src/limits/garbage.ts'
import { Semaphore } from '../../src/limits/semaphore.ts'

const MIB = 1024 * 1024
const ROUNDS = 20
const REQUESTS = 500
const AT_ONCE = 50
/** Two collections move to the old generation what is in use. */
const COLLECT_EVERY = 100
const collect = collectEvery(1, 'young')

/** Something of a request that begins; gives the function that ends it. `ballast` is what else the request holds. */
type Begin = (ballast: object) => () => void

const kinds: Readonly<Record<string, () => Begin>> = {
  'responses on one connection': () => {
    const server = new EventEmitter()
    trackConnections(server as Server)
    const socket = new EventEmitter() as Socket
    server.emit('connection', socket)
    return (ballast) => {
      const response = Object.assign(new EventEmitter(), { ballast })
      server.emit('request', { socket } as IncomingMessage, response as unknown as ServerResponse)
      return () => { response.emit('close') }
    }
  },
  'acquisitions that wait': () => {
    const semaphore = new Semaphore({ slots: 1 })
    semaphore.tryAcquire()
    return (ballast) => {
      let end = (): void => {}
      void semaphore.acquire('', { onEnd: (listener) => { if (listener !== null) end = listener } })
        .then(() => { Object.freeze(ballast) })
      return () => { end() }
    }
  }
}

for (const [name, start] of Object.entries(kinds)) {
  t.test(`${name} are freed without a full collection`, async (t) => {
    const begin = start()
    const round = async (): Promise<void> => {
      const running: (() => void)[] = []
      for (let n = 0; n < REQUESTS; n++) {
        running.push(begin(Array.from({ length: 250 }, (_, at) => at + n)))
        if (running.length === AT_ONCE) running.shift()?.()
        // What waits for a promise goes on now.
        await undefined
        if (n % COLLECT_EVERY === 0) collect(1)
      }
      for (const end of running) end()
      await new Promise(setImmediate)
      collect(1)
      collect(1)
    }
    await round()
    const before = process.memoryUsage().heapUsed
    // The largest growth, because V8 may make a full collection by itself.
    let grown = 0
    for (let n = 0; n < ROUNDS; n++) {
      await round()
      grown = Math.max(grown, process.memoryUsage().heapUsed - before)
    }
    // The requests of all rounds held 10,000 arrays of 2 KB or more: 20 MiB.
    t.ok(grown < 4 * MIB, `${(grown / MIB).toFixed(1)} MiB`)
  })
}
