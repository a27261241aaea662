import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Teardown } from '../helper.ts'
import { ZIP_START } from '../../src/media-types.ts'
import { FILE } from './small-connect.ts'

export interface StopConnect {
  baseUrl: string
  /** Times that each record was closed. */
  closed: Map<string, number>
  /** Bytes of each upload, and whether it came whole. */
  uploads: { bytes: number, isWhole: boolean }[]
  /** Lets the second half of downloads go. */
  release: () => void
}

const WRITE_MS = 20
/** More than sockets hold: a caller that does not read it holds it up. */
export const WORKBOOK_BYTES = 32 * 1024 * 1024

/**
 * What a stop under traffic needs of Connect, with a ledger: reads, closes of 20 ms each, uploads, and long downloads.
 */
export async function startStopConnect (t: Teardown): Promise<StopConnect> {
  const closed = new Map<string, number>()
  const uploads: StopConnect['uploads'] = []
  let release = (): void => {}
  const released = new Promise<void>((resolve) => { release = resolve })
  const close = (id: string): object => {
    closed.set(id, (closed.get(id) ?? 0) + 1)
    return { id, status: 'closed', external_billing_id: 'INV-1' }
  }
  const record = (id: string): object => ({
    id,
    status: closed.has(id) ? 'closed' : 'approved',
    external_billing_id: closed.has(id) ? 'INV-1' : null
  })
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url = '' } = request
    const [, kind, id = '', action] = /\/usage\/(files|records|chunks)\/([^/?]+)\/?([^/?]*)/.exec(url) ?? []
    if (action === 'upload') return await receive(request, response)
    if (action === 'download') return await download(response)
    const body = JSON.parse(await textOf(request) || '[]') as { id: string }[]
    if (method === 'GET') return json(response, 200, kind === 'records' ? record(id) : { id, status: 'draft' })
    await sleep(WRITE_MS)
    json(response, 200, id === 'close-records' ? body.map(row => close(row.id)) : close(id))
  }
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const upload = { bytes: 0, isWhole: false }
    uploads.push(upload)
    request.on('data', (chunk: Buffer) => { upload.bytes += chunk.length })
    request.once('end', () => {
      upload.isWhole = true
      json(response, 201, { id: FILE, status: 'uploading', records: {} })
    })
  }
  const download = async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': WORKBOOK_BYTES })
    response.write(Buffer.concat([ZIP_START, Buffer.alloc(WORKBOOK_BYTES / 2 - ZIP_START.length)]))
    await released
    response.end(Buffer.alloc(WORKBOOK_BYTES / 2))
  }
  const server = createServer((request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    serve(request, response).catch(() => { response.destroy() })
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/public/v1`, closed, uploads, release }
}

async function textOf (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function json (response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}
