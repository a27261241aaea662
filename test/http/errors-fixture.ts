import type { Test } from 'tap'
import { connectTo, type WireAnswer, type WireClient } from '../uploads/wire.ts'

export const ID = 'UF-2026-11-0000-0001'

export async function ask (
  t: Test,
  port: number,
  request: string | Buffer
): Promise<{ answer: WireAnswer; client: WireClient }> {
  const client = await connectTo(t, port)
  await client.send(request)
  return { answer: await client.answer(), client }
}
