import { promisify } from 'node:util'
import type { Fields } from '../../src/usage/mapping/normalize.ts'
import { startClient, startUpstream, type Exchange, type Upstream } from '../connect/upstream.ts'
import {
  PROVIDER_KEY,
  startApp,
  until,
  VENDOR_KEY,
  type AppOptions,
  type StartedApp,
  type Teardown
} from '../helper.ts'
import { sender, type Reply } from '../routes/idempotency/fixture.ts'
import { workbookOf, XLSX } from '../uploads/forms.ts'
import { connectTo } from '../uploads/wire.ts'
import { SHORT_LIVED } from './leftovers.ts'
import { lookUp, type World } from './small-connect.ts'
import type { Write } from './writes.ts'

/** What a send meets: whether Connect does what it is asked, and what it answers. */
export interface End {
  acts: boolean
  answer: (exchange: Exchange) => void
}

/** One write in a world of its own. */
export interface Case {
  world: World
  /** What the sends meet, one after the other; later ones find a Connect that works. */
  ends: End[]
  /** Writes that came to Connect whole, and how often it did what they ask. */
  sends: number
  effects: number
  /** What reads meet after the first send; null for a Connect that answers them. */
  readEnd: End['answer'] | null
  ask: (key: string | null) => Promise<Reply>
  /** The same, from a caller that leaves as soon as Connect has the write. */
  askAndLeave: (key: string) => Promise<void>
  /** Connect does what it was asked at last, and says so to nobody or to the request that waits. */
  actLate: (waiting?: Exchange) => void
}

export interface WritesFixture extends StartedApp {
  upstream: Upstream
  begin: (write: Write, ends: readonly End[]) => Case
  /** Calls that came to Connect for a request. */
  calls: (requestId: string) => number
  /** Fails unless every call is over, and every socket of a write and of a caller closed. */
  quiet: () => Promise<void>
}

/** The limit for a call to a Connect that answers, in milliseconds. A busy machine may need seconds for some. */
const ANSWER_MS = 20_000

/**
 * The app, with a scripted Connect on raw sockets that does what it is asked, or not, whatever it answers. `timeoutMs`
 * is the limit of the service for a call to Connect. All cases share an account, so by default a 429 of one does not
 * hold the others.
 */
export async function startWritesFixture (
  t: Teardown, options: AppOptions = {}, timeoutMs = ANSWER_MS, maxThrottleSeconds = 0
): Promise<WritesFixture> {
  const cases = new Map<string, Case & { write: Write, body: Fields }>()
  const upstream = await startUpstream(t, async (exchange) => {
    // A case is known by the first letters of its requests' ids.
    const one = cases.get(exchange.headers['x-request-id']?.slice(0, 9) ?? '')
    if (one === undefined) return exchange.socket.destroy()
    const url = exchange.path.replace('/public/v1', '')
    if (exchange.method === 'GET') {
      if (one.sends > 0 && one.readEnd !== null) return one.readEnd(exchange)
      return answerRead(exchange, lookUp(one.world, url))
    }
    const body = (await exchange.body()).toString('latin1')
    one.sends += 1
    one.body = /^[[{]/.test(body) ? JSON.parse(body) as Fields : {}
    const end = one.ends.shift()
    const done = end === undefined || end.acts ? act(one) : null
    if (end !== undefined && done !== false) return end.answer(exchange)
    answerDone(exchange, done)
  })
  const connect = startClient(t, upstream.baseUrl, {
    timeoutMs,
    limits: { ...SHORT_LIVED, uploadSilenceMs: timeoutMs, queueWaitMs: ANSWER_MS, maxThrottleSeconds }
  })
  const started = await startApp(t, { connect, ...options })
  const keys = { vendor: VENDOR_KEY, provider: PROVIDER_KEY }
  return {
    ...started,
    upstream,
    calls: id => upstream.exchanges.filter(({ headers }) => headers['x-request-id'] === id).length,
    begin: (write, ends) => {
      const id = `case-${String(cases.size + 1).padStart(4, '0')}`
      const { method, path, body } = write.request
      const isFile = body === 'workbook'
      let requests = 0
      const send = sender(started.origin, keys[write.role])
      const one = {
        write,
        world: write.world(),
        ends: [...ends],
        sends: 0,
        effects: 0,
        readEnd: null,
        body: {},
        ask: async (key: string | null) =>
          await send(
            method,
            path.replace('/v1', ''),
            key === null ? null : `${id}-${key}`,
            isFile ? workbookOf(2_000) : body,
            {
              'x-request-id': `${id}-${(requests += 1)}`,
              connection: 'close',
              ...(isFile && { 'content-type': XLSX })
            }
          ),
        askAndLeave: async (key: string) => {
          const bytes = isFile ? workbookOf(2_000) : Buffer.from(body === undefined ? '' : JSON.stringify(body))
          const client = await connectTo(t, started.port)
          await client.sendHead({
            method,
            path,
            key: keys[write.role],
            headers: {
              'idempotency-key': `${id}-${key}`,
              'x-request-id': `${id}-${(requests += 1)}`,
              ...(bytes.length > 0 && {
                'content-type': isFile ? XLSX : 'application/json',
                'content-length': String(bytes.length)
              })
            }
          })
          await client.sendBody(bytes)
          await until(() => one.sends === 1, `${method} ${path} at Connect`)
          client.socket.destroy()
        },
        actLate: (waiting?: Exchange) => {
          const done = act(one)
          if (waiting !== undefined) answerDone(waiting, done)
        }
      }
      cases.set(id, one)
      return one
    },
    quiet: async () => {
      const busy = (): string[] =>
        Object.entries(connect.stats())
          .filter(
            ([name, { running, pending, connected }]) =>
              running + pending + (name === 'jsonWrite' || name === 'upload' ? connected : 0) > 0
          )
          .map(entry => JSON.stringify(entry))
      await until(() => busy().length === 0, 'the end of every call').catch(() => {
        throw new Error(`left behind: ${busy().join()}`)
      })
      const callers = promisify(started.app.server.getConnections.bind(started.app.server))
      await until(async () => await callers() === 0, 'the callers to be gone')
    }
  }
}

function act (one: Case & { write: Write, body: Fields }): object | null | false {
  const done = one.write.act(one.world, one.body)
  if (done !== false) one.effects += 1
  return done
}

function answerDone (exchange: Exchange, done: object | null | false): void {
  if (done === false) exchange.json(400, { error_code: 'USG_001', errors: ['Wrong state.'] })
  else exchange.json(done === null ? 204 : 200, done ?? undefined)
}

function answerRead (exchange: Exchange, found: object | null): void {
  if (!Array.isArray(found)) return exchange.json(found === null ? 404 : 200, found ?? { errors: ['Not found.'] })
  const limit = Number(/limit=(\d+)/.exec(exchange.path)?.[1] ?? Infinity)
  exchange.json(200, found.slice(0, limit), {
    'content-range': `items 0-${Math.max(0, found.length - 1)}/${found.length}`
  })
}
