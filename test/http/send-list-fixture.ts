import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { asVendor, startApp, startUpstream, type StartedApp, type Teardown } from '../helper.ts'

interface Asked { limit: number, offset: number }
type Listing = { total: number, rows: object[] } | null

/** The service in front of a Connect that lists records as told; null is a 500. */
export async function records (
  t: Teardown, list: (asked: Asked) => Listing | Promise<Listing>
): Promise<StartedApp & { offsets: number[] }> {
  const offsets: number[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const [, limit, offset] = /limit=(\d+)&offset=(\d+)/.exec(request.url ?? '') ?? []
    offsets.push(Number(offset))
    void Promise.resolve(list({ limit: Number(limit), offset: Number(offset) })).then(listing => {
      if (listing === null) {
        response.writeHead(500).end()
        return
      }
      const last = Number(offset) + Math.max(0, listing.rows.length - 1)
      response.setHeader('content-range', `items ${offset}-${last}/${listing.total}`)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(listing.rows))
    })
  })
  return { ...await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } }), offsets }
}

export function idsFrom (from: number, count: number): { id: string }[] {
  return Array.from({ length: count }, (_, n) => ({ id: `UR-${from + n}` }))
}

export async function open (origin: string, path: string): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    httpRequest(origin + path, { headers: asVendor, agent: false }, resolve).on('error', reject).end()
  })
}

export async function once (answer: IncomingMessage): Promise<[Buffer]> {
  return await new Promise((resolve, reject) => {
    answer.once('error', reject)
    answer.once('data', (piece: Buffer) => {
      answer.pause()
      resolve([piece])
    })
  })
}
