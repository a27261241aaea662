import type { OnUpload } from '../uploads/fixture.ts'
import type { WireAnswer, WireClient } from '../uploads/wire.ts'
import { SHORT_LIVED } from './leftovers.ts'

export const OTHER_ID = 'UF-2026-11-0000-0002'
const PAGE = '<html><body>canary-page</body></html>'

export const good: OnUpload = ({ json, path }) => json(200, { id: path.split('/').at(-1), status: 'draft' })

export const reset: OnUpload = ({ socket }) => { socket.resetAndDestroy() }
export const status =
  (code: number, headers: Record<string, string> = {}, body = PAGE): OnUpload =>
    ({ json }) =>
      json(code, body, { 'content-type': 'text/html', ...headers })

export const late = { status: 504, code: 'UPSTREAM_TIMEOUT' }

export async function ask (client: WireClient, id: string, key?: string): Promise<WireAnswer> {
  await client.sendHead({ method: 'GET', path: `/v1/usage-files/${id}`, ...(key !== undefined && { key }) })
  return await client.answer()
}

export const LIMITS = { ...SHORT_LIVED, retryPauseMinMs: 1, retryPauseMaxMs: 3 }
