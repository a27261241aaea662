import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { asProvider, startApp, type AppOptions, type StartedApp, type Teardown } from '../helper.ts'
import { startFakeConnect, type FakeConnect, type FakeObject } from './fake-connect.ts'
import { GAP } from './fixture.ts'

interface Event { name: string, data: { id: string, status: string | null, previousStatus: string | null, at: string } }

export interface EventReader {
  response: IncomingMessage
  request: ClientRequest
  events: Event[]
  text: () => string
  hasEnded: () => boolean
  /** Each event but its time, as `name id previous>status`. */
  told: () => string[]
}

/** Opens a stream of events on a socket of its own, and reads it. */
export async function openEvents (
  t: Teardown, { port }: StartedApp, query = '', headers: object = asProvider
): Promise<EventReader> {
  const request = httpRequest({ host: '127.0.0.1', port, path: `/v1/events${query}`, headers: { ...headers } })
  request.on('error', () => {})
  t.teardown(() => request.destroy())
  const response = await new Promise<IncomingMessage>(resolve => { request.end().once('response', resolve) })
  let text = ''
  let hasEnded = false
  const events: Event[] = []
  const stream: EventReader = {
    request,
    response,
    events,
    text: () => text,
    hasEnded: () => hasEnded,
    told: () => events.map(({ name, data }) =>
      name === 'stale' ? name : `${name} ${data.id} ${String(data.previousStatus)}>${String(data.status)}`)
  }
  response.on('error', () => {}).once('end', () => { hasEnded = true }).setEncoding('utf8')
  response.on('data', (part: string) => {
    text += part
    events.length = 0
    for (const [, name = '', data = ''] of text.matchAll(/event: (\S+)\ndata: (.*)\n\n/g)) {
      events.push({ name, data: JSON.parse(data) as Event['data'] })
    }
  })
  return stream
}

/** The service in front of a fake Connect. */
export async function startWithConnect (
  t: Teardown, objects: readonly FakeObject[], options: AppOptions = {}
): Promise<StartedApp & { connect: FakeConnect }> {
  const connect = await startFakeConnect(t, objects)
  const app = await startApp(t, { watchGapMs: GAP, ...options, env: { CONNECT_BASE_URL: connect.baseUrl } })
  return { ...app, connect }
}
