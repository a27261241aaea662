import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Teardown } from './helper.ts'

export interface ReceivedSpan {
  name: string
  /** The kind of the span in OTLP: 2 is that of a server, 3 that of a client. */
  kind: number
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes: Record<string, unknown>
  isError: boolean
}

export interface Collector {
  origin: string
  spans: ReceivedSpan[]
  /** The whole body of each request, as it came, in order. */
  bodies: string[]
  resource: () => Record<string, unknown>
}

interface Attribute { key: string, value: Record<string, unknown> }
interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: (Omit<ReceivedSpan, 'attributes'> & { attributes: Attribute[]; status?: { code?: number } })[]
    }[]
  }[]
}

const flat = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/**
 * Starts a server that receives spans by OTLP over HTTP and JSON. It answers each export of spans with `status`, and
 * any other request with 400.
 */
export async function startCollector (t: Teardown, status = 200): Promise<Collector> {
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  let resource: Record<string, unknown> = {}
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body)
      if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json') {
        return response.writeHead(400).end()
      }
      for (const one of (JSON.parse(body) as Export).resourceSpans) {
        resource = flat(one.resource.attributes)
        for (const span of one.scopeSpans.flatMap(({ spans }) => spans)) {
          spans.push({ ...span, attributes: flat(span.attributes), isError: span.status?.code === 2 })
        }
      }
      return response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    resource: () => resource
  }
}
