/**
 * A process that stands in for Connect. It has only the calls that closing many records needs, built on node:http
 * alone. `POST /plan` plans its faults, and `GET /ledger` tells what it has received.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Plan {
  latencyMs?: number
  /** The fault of each batch, by the number of the batch in order of arrival, which begins with 1. */
  batches?: Record<number, 'before-500' | 'after-500' | 'hang' | 'drop-rows' | 'reset' | { throttleSeconds: number }>
}

/** For so many ms after a 429 a call does not count as too early: it was sent before the 429 arrived. */
const ON_THE_WAY_MS = 50
const FILE = 'UF-2026-11-0000-0001'
let plan: Plan = {}
let batches = 0
let throttledFrom = 0
let throttledUntil = 0
let earlyCalls = 0
/** Whether the ids of closed records are stored. A million records are only counted. */
let isKept = true
let closed = new Map<string, string>()
let rows = 0

async function textOf (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function send (response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers
  })
  response.end(body)
}

function close (list: { id: string, external_billing_id: string }[]): object[] {
  rows += list.length
  if (!isKept) return list.map(({ id }) => ({ id, status: 'closed' }))
  return list.map(({ id, external_billing_id: billingId }) => {
    if (closed.has(id)) {
      return { id, status: 'closed', error_codes: 'USG_102', error_details: 'Usage record is already closed.' }
    }
    closed.set(id, billingId)
    return { id, status: 'closed' }
  })
}

const record = (id: string): object => {
  const found = closed.get(id)
  return {
    id,
    status: found === undefined ? 'approved' : 'closed',
    external_billing_id: found ?? null,
    usagefile: { id: FILE }
  }
}

async function closeRecords (request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await textOf(request)
  const now = performance.now()
  if (now > throttledFrom + ON_THE_WAY_MS && now < throttledUntil) earlyCalls += 1
  if (plan.latencyMs !== undefined) await sleep(plan.latencyMs)
  const fault = plan.batches?.[batches += 1]
  const list = JSON.parse(text) as { id: string, external_billing_id: string }[]
  if (fault === undefined) return send(response, 206, close(list))
  if (typeof fault === 'object') {
    throttledFrom = performance.now()
    throttledUntil = throttledFrom + fault.throttleSeconds * 1000
    return send(response, 429, {}, { 'retry-after': String(fault.throttleSeconds) })
  }
  switch (fault) {
    case 'before-500': return send(response, 500, { error_code: null, errors: ['NoneType'] })
    case 'after-500':
      close(list)
      return send(response, 500, { error_code: null, errors: ['NoneType'] })
    case 'hang':
      close(list.slice(0, list.length / 2))
      return
    case 'drop-rows': return send(response, 206, close(list).filter((_row, i) => i % 3 !== 0).reverse())
    case 'reset':
      close(list)
      request.socket.resetAndDestroy()
  }
}

const server = createServer((request, response) => {
  const { method, url = '' } = request
  const path = url.replace('/public/v1', '').split('?', 1)[0] ?? ''
  if (method === 'POST' && path === '/usage/records/close-records') void closeRecords(request, response)
  else if (method === 'GET' && path.startsWith('/usage/records/')) {
    send(response, 200, record(path.slice('/usage/records/'.length)))
  } else if (method === 'GET' && path === '/usage/records') send(response, 200, [], { 'content-range': 'items 0-0/0' })
  else if (path === '/plan') {
    void textOf(request).then(text => {
      const { keeps, ...rest } = JSON.parse(text) as Plan & { keeps: boolean }
      plan = rest
      isKept = keeps
      closed = new Map()
      batches = rows = earlyCalls = throttledFrom = throttledUntil = 0
      send(response, 200, {})
    })
  } else if (path === '/ledger') {
    const billings = [...new Set(closed.values())]
    send(response, 200, { records: closed.size, billings, batches, rows, earlyCalls })
  } else send(response, 404, {})
})
server.listen(0, '127.0.0.1', () => { console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) })
