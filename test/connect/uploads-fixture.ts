import { setImmediate as turn } from 'node:timers/promises'
import type { Exchange, Upstream } from './upstream.ts'

export const MIB = 1024 * 1024
export const contentType = 'multipart/form-data; boundary=b'

/** Deterministic chunks of odd sizes. */
export function chunksOf (total: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let made = 0, i = 1; made < total; i += 1) {
    const chunk = Buffer.alloc(Math.min(total - made, 1 + (i * 7919) % 60_000), i % 251)
    chunks.push(chunk)
    made += chunk.length
  }
  return chunks
}

/** Waits until the upstream has a request with at least so many bytes of body. */
export async function arrived (upstream: Upstream, bytes: number): Promise<Exchange> {
  for (;;) {
    const [first] = upstream.exchanges
    if (first !== undefined && first.received() >= bytes) return first
    await turn()
  }
}

export const accept = async (exchange: Exchange): Promise<void> => {
  await exchange.body()
  exchange.json(201, { id: 'UF-1', status: 'uploading' })
}
